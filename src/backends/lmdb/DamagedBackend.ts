import type { Seq } from "../../model/entry.ts";
import { ClosedError, SealedError, type CorruptedError } from "../../model/errors.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../../model/manifest.ts";
import type { Ack, Backend } from "../Backend.ts";
import { classifyError } from "./classifyError.ts";
import { endRun } from "./endRun.ts";
import { inTime } from "./inTime.ts";
import type { OnFailure } from "./LmdbBackend.ts";

/** What a damaged run is known by. */
interface DamagedBackendParts {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly damage: CorruptedError;
  /** Called when the disk hangs over the seal, which may still land. */
  readonly onHang: OnFailure;
}

/**
 * An unsealed run whose data.mdb must not be opened: everything rejects with what is wrong with it,
 * except `seal`, which writes the manifest and leaves the log alone.
 */
export class DamagedBackend implements Backend {
  readonly epoch = 0;
  readonly watermark: Seq = 0;
  readonly #folder: string;
  readonly #damage: CorruptedError;
  readonly #onHang: OnFailure;
  #manifest: RunManifest;
  #isClosed = false;

  constructor({ folder, manifest, damage, onHang }: DamagedBackendParts) {
    this.#folder = folder;
    this.#manifest = manifest;
    this.#damage = damage;
    this.#onHang = onHang;
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  async seal(status: SealedStatus): Promise<RunManifest> {
    if (this.#isClosed) throw new ClosedError("log");
    if (this.#manifest.status !== "running") throw new SealedError(this.#manifest.runId);
    const sealed: RunManifest = { ...this.#manifest, status };
    try {
      await inTime(() => endRun(this.#folder, sealed), this.#onHang);
    } catch (error) {
      throw classifyError(error, this.#folder);
    }
    this.#manifest = sealed;
    return sealed;
  }

  append(): Promise<Ack> {
    return this.#refuse();
  }

  recordSnapshotAnchor(): Promise<void> {
    return this.#refuse();
  }

  refresh(): Promise<Seq> {
    return this.#refuse();
  }

  framesFrom(): Promise<readonly Uint8Array[]> {
    return this.#refuse();
  }

  lookup(): Promise<Seq | undefined> {
    return this.#refuse();
  }

  indexKeys(): Promise<readonly { readonly key: string; readonly seq: Seq }[]> {
    return this.#refuse();
  }

  indexKinds(): Promise<readonly string[]> {
    return this.#refuse();
  }

  latestSnapshotAnchor(): Promise<SnapshotAnchor | undefined> {
    return this.#refuse();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #refuse(): Promise<never> {
    return Promise.reject(this.#isClosed ? new ClosedError("log") : this.#damage);
  }
}
