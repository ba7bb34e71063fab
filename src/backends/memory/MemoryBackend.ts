import type { Observable } from "rxjs";
import { BackendError, FencedError } from "../../model/errors.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../../model/manifest.ts";
import type { Ack, Backend, Frame } from "../Backend.ts";
import { answerOf } from "./answerOf.ts";
import { MemoryRunLog } from "./MemoryRunLog.ts";
import type { StoredRun } from "./StoredRun.ts";

/**
 * A handle that writes a run in memory: `new MemoryBackend(new StoredRun(manifest))`.
 *
 * Each step is taken at the call, exactly once, and its outcome replayed to whoever subscribes. So
 * an append is durable (as far as memory goes) before its answer can be looked at, no second append
 * can come before the first is acknowledged, and a pipeline over it needs no Promise and no time.
 * `faultyBackend` in `tidemark/testing` adds both.
 */
export class MemoryBackend extends MemoryRunLog implements Backend {
  readonly epoch: number;
  readonly #onFail: () => void;

  /** Raises the run's epoch: every handle that wrote it before is fenced. */
  constructor(run: StoredRun, onFail: () => void = () => undefined) {
    super(run);
    this.epoch = run.raiseEpoch();
    this.#onFail = onFail;
  }

  append(frames: readonly Frame[]): Observable<Ack> {
    return answerOf(() => {
      this.#writable().append(frames);
      return { toSeq: this.look() };
    });
  }

  recordSnapshotAnchor(anchor: SnapshotAnchor): Observable<void> {
    return answerOf(() => this.#writable().recordAnchor(anchor));
  }

  seal(status: SealedStatus): Observable<RunManifest> {
    return answerOf(() => {
      this.#writable().seal(status);
      this.look();
      return this.manifest;
    });
  }

  fail(): void {
    this.refuse(new BackendError("The backend has failed and must not be touched any more"));
    this.#onFail();
  }

  #writable(): StoredRun {
    const run = this.run();
    if (run.epoch !== this.epoch) throw new FencedError(this.epoch, run.epoch);
    return run;
  }
}
