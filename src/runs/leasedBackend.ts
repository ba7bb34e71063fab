import { concatMap, defer, EMPTY, from, map } from "rxjs";
import type { Backend } from "../backends/Backend.ts";
import type { Lease } from "../backends/RunCatalog.ts";

/**
 * A backend that gives its lease back when it is closed. Where it fails instead, the lease stays
 * held: a late native commit may still land.
 */
export function leasedBackend(backend: Backend, lease: Lease): Backend {
  return {
    get manifest() {
      return backend.manifest;
    },
    get watermark() {
      return backend.watermark;
    },
    epoch: backend.epoch,
    returnsFrames: backend.returnsFrames ?? false,
    appendsAhead: backend.appendsAhead ?? false,
    ...(backend.failure$ !== undefined && { failure$: backend.failure$ }),
    append: (frames) => backend.append(frames),
    recordSnapshotAnchor: (anchor) => backend.recordSnapshotAnchor(anchor),
    finishing: () => backend.finishing?.() ?? EMPTY,
    seal: (status) => backend.seal(status),
    refresh: () => backend.refresh(),
    framesFrom: (seq, options) => backend.framesFrom(seq, options),
    lookup: (kind, key) => backend.lookup(kind, key),
    indexKeys: (kind, after) => backend.indexKeys(kind, after),
    indexKinds: (after) => backend.indexKinds(after),
    latestSnapshotAnchor: () => backend.latestSnapshotAnchor(),
    close: () =>
      defer(() => from(backend.close())).pipe(
        concatMap(() => lease.release()),
        map(() => undefined),
      ),
    fail: () => backend.fail?.(),
  };
}
