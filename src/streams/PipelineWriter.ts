import { noop, Observable, type Observer } from "rxjs";
import type { Backend } from "../backends/Backend.ts";
import { checkSnapshot } from "../model/checkSnapshot.ts";
import type { CapturedDraft, EntryDraft, Seq } from "../model/entry.ts";
import type { HaltedError, TidemarkError } from "../model/errors.ts";
import type { HaltReason } from "../model/halt.ts";
import type { RunManifest, SnapshotAnchor } from "../model/manifest.ts";
import type { Commit, Pressure, Snapshot, Writer } from "../model/Writer.ts";
import { sizeOfDraft, type DraftCapture } from "./DraftCapture.ts";
import type { DraftSubmission, Waiter } from "./Submission.ts";
import type { WriterCore } from "./WriterCore.ts";

/** The verbs of a writer over its core. */
export class PipelineWriter implements Writer {
  readonly #core: WriterCore;
  readonly #capture: DraftCapture;
  readonly #backend: Backend;
  #closing: Promise<RunManifest> | undefined;
  #refusal: { readonly error: TidemarkError; readonly promise: Promise<never> } | undefined;
  readonly watermark$: Observable<Seq>;
  readonly halt$: Observable<HaltReason>;
  readonly commits$: Observable<Commit>;
  readonly pressure$: Observable<Pressure>;
  readonly submissions: Observer<EntryDraft> = {
    next: (draft) => this.#handIn(draft, undefined),
    error: noop,
    complete: noop,
  };

  constructor(core: WriterCore, capture: DraftCapture, backend: Backend) {
    this.#core = core;
    this.#capture = capture;
    this.#backend = backend;
    ({
      watermark$: this.watermark$,
      halt$: this.halt$,
      commits$: this.commits$,
      pressure$: this.pressure$,
    } = core.signals);
  }

  get accepted(): Seq {
    return this.#core.accepted;
  }

  get watermark(): Seq {
    return this.#core.signals.watermark;
  }

  get manifest(): RunManifest {
    return this.#backend.manifest;
  }

  /**
   * Why nothing is taken any more, once that is so.
   *
   * @internal
   */
  refusal(): TidemarkError {
    return this.#core.refusal();
  }

  /**
   * Why the log must not be touched any more, not even to read it.
   *
   * @internal
   */
  get failure(): HaltedError | undefined {
    return this.#core.failure;
  }

  offer(draft: EntryDraft): boolean {
    if (!this.#core.isOpen) return false;
    this.#capture.check(draft);
    // Before its payload is copied: what is refused must cost nothing.
    if (!this.#core.hasRoomFor(draft.payload.length)) return false;
    return this.#core.offer(submissionOf(this.#capture.take(draft), undefined));
  }

  submit(draft: EntryDraft): Promise<Seq> {
    if (!this.#core.isOpen) return this.#refused();
    return promised((resolve, failed) => this.#handIn(draft, { accepted: resolve, failed }));
  }

  append(draft: EntryDraft): Promise<Seq> {
    if (!this.#core.isOpen) return this.#refused();
    return promised((resolve, failed) => this.#handIn(draft, { durable: resolve, failed }));
  }

  append$(draft: EntryDraft): Observable<Seq> {
    return new Observable((subscriber) => {
      const durable = (seq: Seq): void => {
        subscriber.next(seq);
        subscriber.complete();
      };
      this.#handIn(draft, { durable, failed: (error) => subscriber.error(error) });
    });
  }

  /**
   * Hands in a draft of tidemark's own and waits until it is durable.
   *
   * @internal
   */
  appendOwn(draft: EntryDraft): Promise<Seq> {
    return promised((durable, failed) =>
      this.#core.handIn(submissionOf(this.#capture.take(draft), { durable, failed })),
    );
  }

  recordSnapshotAnchor(snapshot: Snapshot): Promise<SnapshotAnchor> {
    return promised((durable, failed) => {
      const { blobRef, contentHash } = checkSnapshot(snapshot);
      this.#core.handIn({
        kind: "anchor",
        snapshot: { blobRef, contentHash },
        sizeBytes: 0,
        waiter: { durable, failed },
        isCancelled: false,
      });
    });
  }

  close(finalDraft?: EntryDraft): Promise<RunManifest> {
    return this.#close(() => finalDraft && this.#capture.capture(finalDraft));
  }

  /**
   * Closes with a draft of tidemark's own.
   *
   * @internal
   */
  closeOwn(draft: EntryDraft): Promise<RunManifest> {
    return this.#close(() => this.#capture.take(draft));
  }

  abandon(): Promise<void> {
    return this.#core.abandon();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abandon();
  }

  #handIn(draft: EntryDraft, waiter: Waiter<Seq> | undefined): void {
    if (this.#core.isOpen) this.#core.handIn(submissionOf(this.#capture.capture(draft), waiter));
    else waiter?.failed(this.#core.refusal());
  }

  /** One promise for all who are refused for the same reason: a source that goes on costs nothing. */
  #refused(): Promise<never> {
    const error = this.#core.refusal();
    if (this.#refusal?.error !== error) {
      const promise = Promise.reject(error);
      promise.catch(noop);
      this.#refusal = { error, promise };
    }
    return this.#refusal.promise;
  }

  #close(last: () => CapturedDraft | undefined): Promise<RunManifest> {
    if (this.#closing !== undefined) return this.#closing;
    let submission: DraftSubmission | undefined;
    try {
      const captured = this.#core.isOpen ? last() : undefined;
      submission = captured && submissionOf(captured, undefined);
    } catch (invalid) {
      return Promise.reject(invalid);
    }
    this.#closing = this.#core.close(submission);
    this.#closing.catch(noop);
    return this.#closing;
  }
}

function submissionOf(draft: CapturedDraft, waiter: Waiter<Seq> | undefined): DraftSubmission {
  return { kind: "draft", draft, sizeBytes: sizeOfDraft(draft), waiter };
}

/**
 * A promise of what a waiter is told. A refusal counts as handled, since `halt$` tells it too; an
 * error that `start` throws, such as an invalid draft, does not.
 */
function promised<Result>(
  start: (resolve: (result: Result) => void, failed: Waiter<Result>["failed"]) => void,
): Promise<Result> {
  let isInvalid = false;
  const promise = new Promise<Result>((resolve, reject) => {
    try {
      start(resolve, reject);
    } catch (invalid) {
      isInvalid = true;
      reject(invalid);
    }
  });
  if (!isInvalid) promise.catch(noop);
  return promise;
}
