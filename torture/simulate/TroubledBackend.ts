import {
  AsyncSubject,
  concatWith,
  defer,
  EMPTY,
  ignoreElements,
  NEVER,
  of,
  throwError,
} from "rxjs";
import type { Observable, SchedulerLike } from "rxjs";
import type { Ack, Frame } from "../../src/backends/Backend.ts";
import { MemoryBackend } from "../../src/backends/memory/MemoryBackend.ts";
import type { StoredRun } from "../../src/backends/memory/StoredRun.ts";
import { decodeFrame } from "../../src/format/decodeFrame.ts";
import {
  BackendError,
  CorruptedError,
  DiskError,
  FencedError,
  type TidemarkError,
} from "../../src/model/errors.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../../src/model/manifest.ts";
import type { FaultKind } from "../../src/testing/Fault.ts";
import { storedRun } from "../../test/streams/support/scriptedBackend.ts";
import { idOf } from "./drafts.ts";
import type { Sight } from "./History.ts";
import { PROMPT, type Plan, type Script } from "./Script.ts";

const ENOSPC = 28;

/** What a {@link TroubledBackend} is made of. */
export interface TroubledBackendConfig {
  readonly script: Pick<Script, "plans" | "ends" | "ahead">;
  readonly scheduler: SchedulerLike;
  readonly see: (sight: Sight) => void;
}

/**
 * A backend that takes each of its steps as planned, and tells what has really become durable and
 * when, whatever it answers. What is out when the writer gives it up lands all the same, as a
 * native commit would.
 */
export class TroubledBackend extends MemoryBackend {
  readonly stored: StoredRun;
  readonly appendsAhead: boolean;
  readonly #config: TroubledBackendConfig;
  #steps = 0;
  /** The answer of the last append, while it is out. */
  #out: Observable<Ack> | undefined;

  constructor(config: TroubledBackendConfig) {
    const stored = storedRun();
    super(stored);
    this.stored = stored;
    this.appendsAhead = config.script.ahead !== undefined;
    this.#config = config;
  }

  /** One that comes ahead is begun when the one before was answered, and lost with one that fails. */
  override append(frames: readonly Frame[]): Observable<Ack> {
    const answer$ =
      this.#out === undefined ? this.#append(frames) : this.#appendBehind(this.#out, frames);
    this.#out = answer$;
    const isOver = (): void => {
      if (this.#out === answer$) this.#out = undefined;
    };
    answer$.subscribe({ error: isOver, complete: isOver });
    return answer$;
  }

  #appendBehind(before$: Observable<Ack>, frames: readonly Frame[]): Observable<Ack> {
    const answer$ = new AsyncSubject<Ack>();
    const append$ = defer(() => this.#append(frames));
    before$.pipe(ignoreElements(), concatWith(append$)).subscribe(answer$);
    return answer$.asObservable();
  }

  #append(frames: readonly Frame[]): Observable<Ack> {
    const plan = this.#nextPlan();
    return this.#take(plan, () => {
      const answer$ = super.append(frames);
      const toSeq = frames.at(-1)?.toSeq ?? 0;
      if (this.stored.watermark === toSeq) this.#tellLanded(frames);
      return plan.outcome === "wrong ack" ? of({ toSeq: toSeq + 1 }) : answer$;
    });
  }

  override recordSnapshotAnchor(anchor: SnapshotAnchor): Observable<void> {
    return this.#take(this.#nextPlan(), () => {
      const answer$ = super.recordSnapshotAnchor(anchor);
      const { blobRef, highWatermark } = anchor;
      this.#config.see({ kind: "pinned", id: Number(blobRef), seq: highWatermark });
      return answer$;
    });
  }

  override seal(status: SealedStatus): Observable<RunManifest> {
    return this.#take(this.#config.script.ends.seal, () => {
      const answer$ = super.seal(status);
      this.#config.see({ kind: "sealed" });
      return answer$;
    });
  }

  override close(): Observable<void> {
    return this.#take(this.#config.script.ends.close, () => super.close());
  }

  /** Gives nothing back: nobody may wait for that. */
  finishing(): Observable<void> {
    return NEVER;
  }

  /** Tells nobody: what is out lands nevertheless. */
  override fail(): void {}

  #nextPlan(): Plan {
    const plan = this.#config.script.plans[this.#steps] ?? PROMPT;
    this.#steps += 1;
    return plan;
  }

  #take<T>(plan: Plan, land: () => Observable<T>): Observable<T> {
    const { landsAfterMs, answersAfterMs, outcome } = plan;
    if (isFail(outcome) && outcome.fail === "throw") throw new Error("planned: thrown");
    const answer$ = new AsyncSubject<T>();
    this.#after(landsAfterMs, () => {
      const lands = outcome !== "nothing at all" && !isFail(outcome);
      const landed$ = lands ? land() : EMPTY;
      this.#after(answersAfterMs, () => this.#told(plan, landed$).subscribe(answer$));
    });
    return answer$.asObservable();
  }

  #told<T>({ outcome }: Plan, landed$: Observable<T>): Observable<T> {
    if (outcome === "done" || outcome === "wrong ack") return landed$;
    if (outcome === "nothing at all" || outcome === "landed, no word") return NEVER;
    if ("landsAndFails" in outcome) {
      const failure = failureOf(outcome.landsAndFails, this.epoch);
      return landed$.pipe(ignoreElements(), concatWith(throwError(() => failure)));
    }
    const { fail } = outcome;
    if (fail === "throw" || fail === "no answer") return EMPTY;
    return throwError(() => failureOf(fail, this.epoch));
  }

  /** A wait of nothing is none: the step is taken in the call. */
  #after(ms: number, step: () => void): void {
    if (ms === 0) step();
    else this.#config.scheduler.schedule(step, ms);
  }

  #tellLanded(frames: readonly Frame[]): void {
    for (const { bytes } of frames) {
      const entries = [...decodeFrame(bytes).entries()];
      this.#config.see({
        kind: "landed",
        ids: entries.map(({ payload }) => idOf(payload)),
        tsPublish: entries.map(({ tsPublish }) => tsPublish),
      });
    }
  }
}

function isFail(outcome: Plan["outcome"]): outcome is Extract<Plan["outcome"], { fail: unknown }> {
  return typeof outcome === "object" && "fail" in outcome;
}

function failureOf(kind: FaultKind, epoch: number): TidemarkError {
  if (kind === "disk") return new DiskError("planned: no space left on device", ENOSPC);
  if (kind === "corrupted") return new CorruptedError("planned: damaged");
  if (kind === "fenced") return new FencedError(epoch, epoch + 1);
  return new BackendError("planned: failed");
}
