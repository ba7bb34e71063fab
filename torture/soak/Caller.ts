import type { EntryDraft, Run } from "../../src/index.ts";
import { payloadOf } from "../support/payloads.ts";
import type { LoadWatch } from "./LoadWatch.ts";
import { keyOf } from "./settings.ts";

/** Hands drafts in to a run, alone, and knows the seq that each must get. */
export class Caller {
  readonly #run: Run;
  readonly #watch: LoadWatch;
  /** The seq of the next draft: what stands in line has its place before it. */
  #nextSeq: number;

  constructor(run: Run, watch: LoadWatch) {
    this.#run = run;
    this.#watch = watch;
    this.#nextSeq = run.accepted + 1;
  }

  offer(count: number): void {
    for (let n = 0; n < count; n += 1) {
      const isTaken = this.#run.offer(this.#nextDraft());
      if (isTaken) this.#nextSeq += 1;
      this.#watch.noteOffer(isTaken);
    }
  }

  submit(count: number): void {
    for (let n = 0; n < count; n += 1) {
      void this.#watch.noteSubmit(this.#nextSeq, this.#run.submit(this.#nextDraft()));
      this.#nextSeq += 1;
    }
  }

  append(count: number): void {
    for (let n = 0; n < count; n += 1) {
      const appending = this.#run.append(this.#nextDraft());
      void this.#watch.noteAppend(this.#nextSeq, appending, this.#run);
      this.#nextSeq += 1;
    }
  }

  #nextDraft(): EntryDraft {
    return {
      topic: "soak.entry",
      payloadType: "Entry",
      payload: payloadOf(this.#run.runId, this.#nextSeq),
      indexKeys: [{ kind: "clientOrderId", key: keyOf(this.#nextSeq) }],
    };
  }
}
