import { setImmediate } from "node:timers/promises";
import { take, type Observable, type Subscription } from "rxjs";
import type { Seq } from "../../src/model/entry.ts";
import type { RunManifest } from "../../src/model/manifest.ts";
import type { Run } from "../../src/model/Run.ts";
import type { Writer } from "../../src/model/Writer.ts";
import { draftOf, invalidDraft, overwrite } from "./drafts.ts";
import { failureOf } from "./failureOf.ts";
import { Gate } from "./Gate.ts";
import { RUN_ENDED_ID, type Failure, type Sight } from "./History.ts";
import { PlannedError } from "./PlannedError.ts";
import type { Act, Step } from "./Script.ts";

/** Whom the callers call, and whom they tell. */
export interface CallersConfig {
  readonly writer: Writer;
  readonly run: Run | undefined;
  readonly see: (sight: Sight) => void;
}

type StepOf<Does extends Step["do"]> = Extract<Step, { readonly do: Does }>;
type ActOf<Does extends Act["do"]> = Extract<Act, { readonly do: Does }>;
type Outcome<Value> = Failure & { readonly value?: Value };

/** Everyone who calls a writer: does what a script says, and tells what came of it. */
export class Callers {
  readonly #config: CallersConfig;
  readonly #gates: Gate[] = [];
  readonly #reactors: Subscription[] = [];
  readonly #promises: (() => Promise<void>)[] = [];
  #closing: Promise<RunManifest> | undefined;
  #readers = 0;
  #ids = RUN_ENDED_ID;

  constructor(config: CallersConfig) {
    this.#config = config;
  }

  take(step: Step): void {
    if (step.do === "react") this.#react(step);
    else if (step.do === "open gate") this.#openGate(step);
    else this.#act(step);
  }

  /** The sources of all gates complete: nothing may stay open after that. */
  endGates(): void {
    for (const gate of this.#gates) gate.end("complete");
  }

  /** Looks at every promise, for the first time, and tells how it stands. */
  async listen(): Promise<void> {
    await Promise.all(this.#promises.map((listen) => listen()));
  }

  #act(act: Act): void {
    if (act.do === "throw") throw new PlannedError();
    if (act.do === "hand in") this.#repeat(act.count, () => this.#handIn(act));
    else if (act.do === "push") this.#repeat(act.count, () => this.#push(act));
    else if (act.do === "end gate") this.#gates[act.gate]?.end(act.by);
    else if (act.do === "unsubscribe") this.#reactors[act.reactor]?.unsubscribe();
    else this.#call(act.do);
  }

  #call(what: "anchor" | "close" | "abandon" | "look" | "read"): void {
    const { writer, see } = this.#config;
    switch (what) {
      case "anchor":
        return this.#anchor();
      case "close":
        return this.#close();
      case "abandon":
        return this.#abandon();
      case "look":
        writer.watermark$.pipe(take(1)).subscribe((seq) => see({ kind: "looked", seq }));
        return;
      case "read":
        return this.#read();
    }
  }

  #repeat(count: number, call: () => void): void {
    for (let n = 0; n < count; n += 1) call();
  }

  #push({ gate, bytes }: ActOf<"push">): void {
    this.#gates[gate]?.push({ id: this.#nextId(), bytes });
  }

  #handIn({ verb, bytes, isValid }: ActOf<"hand in">): void {
    const { writer, see } = this.#config;
    const id = this.#nextId();
    const draft = isValid ? draftOf(id, bytes) : invalidDraft(id);
    see({ kind: "handed in", id, verb, bytes, isOpen: this.#isOpen(), isValid });
    const heard = ({ value: seq, ...failure }: Outcome<Seq>): void =>
      see({ kind: "heard", id, ...failure, ...(seq === undefined ? {} : { seq }) });
    try {
      if (verb === "offer") see({ kind: "offered", id, isTaken: writer.offer(draft) });
      else if (verb === "next") writer.submissions.next(draft);
      else if (verb === "append$") {
        writer.append$(draft).subscribe({
          next: (value) => heard({ value }),
          error: (failure: unknown) => heard(failureOf(failure)),
        });
      } else this.#keep(writer[verb](draft), heard, !isValid);
    } catch (failure) {
      heard(failureOf(failure));
    }
    overwrite(draft);
  }

  #anchor(): void {
    const { writer, see } = this.#config;
    const id = this.#nextId();
    see({ kind: "anchor", id, isOpen: this.#isOpen() });
    const anchored = writer.recordSnapshotAnchor({ blobRef: String(id), contentHash: "hash" });
    this.#keep(anchored, ({ value, ...failure }) =>
      see({ kind: "heard", id, ...failure, ...(value && { seq: value.highWatermark }) }),
    );
  }

  #abandon(): void {
    const { writer, see } = this.#config;
    see({ kind: "abandoning", isOpen: this.#isOpen() });
    this.#keep(writer.abandon(), (outcome) =>
      see({ kind: "let go", isResolved: "value" in outcome }),
    );
  }

  #close(): void {
    const { writer, run, see } = this.#config;
    const isOpen = this.#isOpen();
    const id = this.#nextId();
    const last = run !== undefined ? RUN_ENDED_ID : id % 2 === 0 ? id : undefined;
    see({ kind: "closing", last: isOpen ? last : undefined, isOpen });
    const closing = last === id ? writer.close(draftOf(id, 1)) : writer.close();
    if (this.#closing !== undefined) {
      if (closing !== this.#closing) see({ kind: "unhandled", message: "two promises of a close" });
      return;
    }
    this.#closing = closing;
    this.#keep(closing, ({ value, ...failure }) =>
      see({
        kind: "closed",
        ...failure,
        ...(value && { status: value.status, highWatermark: value.highWatermark }),
      }),
    );
  }

  #read(): void {
    const { run, see } = this.#config;
    if (run === undefined) return;
    this.#readers += 1;
    const reader = this.#readers;
    see({ kind: "read", reader, seq: 0 });
    const end = (failure: Failure): void => see({ kind: "read to the end", reader, ...failure });
    run.entries$({ live: true }).subscribe({
      next: ({ seq }) => see({ kind: "read", reader, seq }),
      error: (failure: unknown) => end(failureOf(failure)),
      complete: () => end({}),
    });
  }

  #openGate(step: StepOf<"open gate">): void {
    const { writer, see } = this.#config;
    const gate = new Gate(step, {
      number: this.#gates.length,
      writer,
      see,
      isOpen: () => this.#isOpen(),
      act: (acts) => acts.forEach((act) => this.#act(act)),
    });
    this.#gates.push(gate);
    gate.open();
  }

  #react({ to, nth, acts }: StepOf<"react">): void {
    let values = 0;
    const react = (): void => acts.forEach((act) => this.#act(act));
    const values$: Observable<unknown> = this.#config.writer[to];
    const reactor = values$.subscribe({
      next: () => {
        values += 1;
        if (values === nth) react();
      },
      error: () => this.#config.see({ kind: "unhandled", message: `${to} errored` }),
      complete: () => {
        if (nth === 0) react();
      },
    });
    this.#reactors.push(reactor);
  }

  /** Whether the writer takes drafts: else it does not even look whether one is valid. */
  #isOpen(): boolean {
    let isOpen = false;
    this.#config.writer.append$(invalidDraft(0)).subscribe({
      error: (failure: unknown) => {
        isOpen = failureOf(failure).code === "TIDEMARK_INVALID_ENTRY";
      },
    });
    return isOpen;
  }

  /** The promise is not looked at before the end, unless it may be rejected by the caller's fault. */
  #keep<Value>(
    promise: Promise<Value>,
    tell: (outcome: Outcome<Value>) => void,
    isLookedAt = false,
  ): void {
    if (isLookedAt) promise.catch(() => undefined);
    this.#promises.push(async () => {
      const settled = promise.then(
        (value) => ({ value }),
        (failure: unknown) => failureOf(failure),
      );
      tell(await Promise.race([settled, setImmediate({})]));
    });
  }

  #nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }
}
