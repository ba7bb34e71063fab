import { Observable, ReplaySubject, timer } from "rxjs";
import type { Subscriber } from "rxjs";
import { checkDraft, draftLimitsOf } from "../../src/model/checkDraft.ts";
import type { EntryDraft, Seq } from "../../src/model/entry.ts";
import { ClosedError, HaltedError } from "../../src/model/errors.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import type { Writer } from "../../src/model/Writer.ts";

/** The reason that a scripted writer halts with. */
export const REASON: HaltReason = {
  kind: "backend-error",
  message: "scripted",
  lastDurableSeq: 0,
  lostEntries: 0,
};

/** What the operators need of a writer, with commits, halt and end at the test's will. */
class ScriptedWriter implements Pick<Writer, "append$" | "halt$"> {
  /** What was handed in, in order. */
  readonly drafts: EntryDraft[] = [];
  /** How many appends were unsubscribed from before they had settled. */
  withdrawn = 0;

  readonly #halt = new ReplaySubject<HaltReason>(1);
  readonly #waiting = new Map<Seq, Subscriber<Seq>>();
  readonly #commitMs: number | undefined;
  #refusal: ClosedError | HaltedError | undefined;

  constructor(commitMs?: number) {
    this.#commitMs = commitMs;
  }

  get halt$(): Observable<HaltReason> {
    return this.#halt.asObservable();
  }

  append$(draft: EntryDraft): Observable<Seq> {
    return new Observable((subscriber) => {
      if (this.#refusal !== undefined) throw this.#refusal;
      checkDraft(draft, draftLimitsOf(1024));
      const seq = this.drafts.push(draft);
      this.#waiting.set(seq, subscriber);
      if (this.#commitMs === 0) this.commit(seq);
      else if (this.#commitMs !== undefined)
        timer(this.#commitMs).subscribe(() => this.commit(seq));
      return () => {
        if (this.#waiting.delete(seq)) this.withdrawn += 1;
      };
    });
  }

  commit(toSeq: Seq): void {
    for (const [seq, subscriber] of this.#waiting) {
      if (seq > toSeq) return;
      this.#waiting.delete(seq);
      subscriber.next(seq);
      subscriber.complete();
    }
  }

  /** Refuses first; then, unless they go on, fails the appends; tells why at last. */
  halt({ appendsGoOn = false }: { appendsGoOn?: boolean } = {}): void {
    this.#refusal = new HaltedError(REASON);
    if (!appendsGoOn) this.#failWaiting(this.#refusal);
    this.#halt.next(REASON);
    this.#halt.complete();
  }

  /** What is accepted goes on; `inLine` counts the last ones, which were not. */
  end({ inLine = 0 }: { inLine?: number } = {}): void {
    this.#refusal = new ClosedError();
    const first = this.drafts.length - inLine + 1;
    this.#failWaiting(this.#refusal, first);
    this.#halt.complete();
  }

  #failWaiting(error: Error, from: Seq = 1): void {
    for (const [seq, subscriber] of this.#waiting) {
      if (seq < from) continue;
      this.#waiting.delete(seq);
      subscriber.error(error);
    }
  }
}

/** A {@link Writer} of which `append$` and `halt$` alone can be used. */
export type Scripted = ScriptedWriter & Writer;

/** A writer that makes each append durable after a while, or at once. */
export function promptWriter(commitMs: number = 0): Scripted {
  return new ScriptedWriter(commitMs) as Scripted;
}

/**
 * A writer that follows a script, best a cold marble stream: a digit commits up to that seq, `h`
 * halts, `d` halts while the appends go on, `x` closes, `a` abandons with the last draft in line.
 */
export function scriptedWriter(script: Observable<string>): Scripted {
  const writer = new ScriptedWriter();
  script.subscribe((letter) => {
    if (letter === "h") writer.halt();
    else if (letter === "d") writer.halt({ appendsGoOn: true });
    else if (letter === "x") writer.end();
    else if (letter === "a") writer.end({ inLine: 1 });
    else writer.commit(Number(letter));
  });
  return writer as Scripted;
}

/** A draft whose topic is the item. */
export function draftOf(item: string | number): EntryDraft {
  return { topic: `t${item}`, payloadType: "Text", payload: String(item) };
}
