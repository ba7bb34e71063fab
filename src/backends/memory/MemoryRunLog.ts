import type { Observable } from "rxjs";
import type { Seq } from "../../model/entry.ts";
import { ClosedError, type TidemarkError } from "../../model/errors.ts";
import type { RunManifest, SnapshotAnchor } from "../../model/manifest.ts";
import type { PageOptions, RunLog } from "../Backend.ts";
import { answerOf } from "./answerOf.ts";
import type { StoredRun } from "./StoredRun.ts";

/**
 * A handle that reads a run in memory. `manifest` and `watermark` are as of the last look, as they
 * would be in another process; pages and the index are as of now. Every answer is a synchronous
 * Observable.
 */
export class MemoryRunLog implements RunLog {
  readonly #run: StoredRun;
  #manifest: RunManifest;
  #watermark: Seq;
  #refusal: TidemarkError | undefined;

  constructor(run: StoredRun) {
    this.#run = run;
    this.#manifest = run.manifest;
    this.#watermark = run.watermark;
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  get watermark(): Seq {
    return this.#watermark;
  }

  refresh(): Observable<Seq> {
    return answerOf(() => this.look());
  }

  get changes$(): Observable<void> {
    return this.#run.changes$;
  }

  framesFrom(seq: Seq, options?: PageOptions): Observable<readonly Uint8Array[]> {
    return answerOf(() => this.run().page(seq, options));
  }

  lookup(kind: string, key: string): Observable<Seq | undefined> {
    return answerOf(() => this.run().lookup(kind, key));
  }

  indexKeys(
    kind: string,
    after?: string,
  ): Observable<readonly { readonly key: string; readonly seq: Seq }[]> {
    return answerOf(() => this.run().indexKeys(kind, after));
  }

  indexKinds(after?: string): Observable<readonly string[]> {
    return answerOf(() => this.run().indexKinds(after));
  }

  latestSnapshotAnchor(): Observable<SnapshotAnchor | undefined> {
    return answerOf(() => this.run().anchor);
  }

  /** Lets go: from now on every other method fails with {@link ClosedError}. */
  close(): Observable<void> {
    return answerOf(() => this.refuse(new ClosedError("log")));
  }

  /** The run, as long as the handle may touch it. */
  protected run(): StoredRun {
    if (this.#refusal !== undefined) throw this.#refusal;
    return this.#run;
  }

  protected look(): Seq {
    const { manifest, watermark } = this.run();
    this.#manifest = manifest;
    this.#watermark = watermark;
    return watermark;
  }

  /** Every later use of the handle fails with the first error that was given here. */
  protected refuse(refusal: TidemarkError): void {
    this.#refusal ??= refusal;
  }
}
