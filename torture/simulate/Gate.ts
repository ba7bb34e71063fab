import { Subject, type Observable, type Subscription } from "rxjs";
import type { EntryDraft } from "../../src/model/entry.ts";
import type { Writer } from "../../src/model/Writer.ts";
import { capture } from "../../src/operators/capture.ts";
import { record } from "../../src/operators/record.ts";
import { draftOf } from "./drafts.ts";
import { failureOf } from "./failureOf.ts";
import type { Sight } from "./History.ts";
import { PlannedError } from "./PlannedError.ts";
import type { Act, Step } from "./Script.ts";

interface Item {
  readonly id: number;
  readonly bytes: number;
}

/** Where a gate stands. */
export interface GateConfig {
  readonly number: number;
  readonly writer: Writer;
  readonly see: (sight: Sight) => void;
  readonly isOpen: () => boolean;
  readonly act: (acts: readonly Act[]) => void;
}

/** A stream of items through `record` or `capture`, and somebody at the end of it. */
export class Gate {
  readonly #step: Extract<Step, { readonly do: "open gate" }>;
  readonly #config: GateConfig;
  readonly #source$ = new Subject<Item>();
  #subscription: Subscription | undefined;
  #items = 0;
  #through = 0;

  constructor(step: Extract<Step, { readonly do: "open gate" }>, config: GateConfig) {
    this.#step = step;
    this.#config = config;
  }

  open(): void {
    const { number: gate, see, writer } = this.#config;
    const toDraft = (item: Item): EntryDraft | undefined => this.#toDraft(item);
    const out$: Observable<{ id: number; seq?: number | undefined }> =
      this.#step.operator === "record"
        ? this.#source$.pipe(record(writer, toDraft, ({ id }, seq) => ({ id, seq })))
        : this.#source$.pipe(capture(writer, toDraft));
    this.#subscription = out$.subscribe({
      next: (item) => {
        const { id, seq } = { seq: undefined, ...item };
        see({ kind: "let through", gate, id, ...(seq === undefined ? {} : { seq }) });
        this.#through += 1;
        if (this.#through === 2) this.#config.act(this.#step.acts);
      },
      error: (failure: unknown) => see({ kind: "gate ended", gate, ...failureOf(failure) }),
      complete: () => see({ kind: "gate ended", gate }),
    });
  }

  push(item: Item): void {
    this.#source$.next(item);
  }

  end(by: "complete" | "error" | "unsubscribe"): void {
    if (by === "complete") this.#source$.complete();
    else if (by === "error") this.#source$.error(new PlannedError());
    else if (this.#subscription?.closed === false) {
      this.#config.see({ kind: "gate ended", gate: this.#config.number, code: by });
      this.#subscription.unsubscribe();
    }
  }

  #toDraft({ id, bytes }: Item): EntryDraft | undefined {
    const { number: gate, see } = this.#config;
    const { operator, skipsEvery, throwsAt } = this.#step;
    this.#items += 1;
    if (skipsEvery > 0 && this.#items % skipsEvery === 0) {
      see({ kind: "unrecorded", id, gate });
      return undefined;
    }
    const isValid = this.#items !== throwsAt;
    see({
      kind: "handed in",
      id,
      verb: operator,
      bytes,
      isOpen: this.#config.isOpen(),
      isValid,
      gate,
    });
    if (!isValid) throw new PlannedError();
    return draftOf(id, bytes);
  }
}
