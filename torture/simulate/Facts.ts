import type { Seq } from "../../src/model/entry.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import type { WriterOptions } from "../../src/model/options.ts";
import type { Pressure } from "../../src/model/Writer.ts";
import type { Failure, Seen, SeenOf, Sight } from "./History.ts";

/** A step that a backend was asked for, and since when it is at it. */
type Asked = Pick<SeenOf<"asked">, "step" | "at"> & { readonly toSeq: Seq };

/**
 * What is known of a writer by what was seen of it so far: books that are kept, no judgement. All
 * seqs follow from one thing: what was taken has its seq by its place.
 */
export class Facts {
  readonly options: WriterOptions;
  /** The ids of what was taken, in order: entry `seq` must become `taken[seq - 1]`. */
  readonly taken: number[] = [];
  readonly takenAt: number[] = [];
  readonly bytes: Map<number, number> = new Map();
  /** Anchors that are not known to be stored, with the seq that each must stand at. */
  readonly anchors: Map<number, { readonly at: number; readonly seq: Seq }> = new Map();
  /** Who ended it, or why it stopped; and what `accepted` must stay at from then on. */
  ended: "closing" | "abandoning" | undefined;
  halt: HaltReason | undefined;
  haltedAt: number = Infinity;
  frozen: Seq | undefined;
  /** What the backend has: the ids that are durable, the sizes of frames that nobody was told of. */
  readonly log: number[] = [];
  readonly frames: number[] = [];
  pinned = 0;
  lastPublish = 0n;
  isSealed = false;
  /** What the backend was given and has acknowledged, what it is at, how it has failed. */
  given: Seq = 0;
  acknowledged: Seq = 0;
  isSealAcknowledged = false;
  /** What it is at, and the append that it is to begin behind that. */
  readonly #out: Asked[] = [];
  answeredAt = 0;
  failed: SeenOf<"answered"> | undefined;
  isGivenUp = false;
  /** What the writer has told. */
  told: Seq = -1;
  committed: Seq = 0;
  level: Pressure["level"] | undefined;
  readonly completed: string[] = [];
  at = 0;
  accepted: Seq = 0;
  readonly acceptedAt: number[] = [];

  constructor(options: WriterOptions) {
    this.options = options;
  }

  /** What the backend is at. */
  get out(): Asked | undefined {
    return this.#out[0];
  }

  get isAhead(): boolean {
    return this.#out.length > 1;
  }

  /** Nothing is taken any more. */
  get isOver(): boolean {
    return this.ended !== undefined || this.halt !== undefined;
  }

  /** Whether it is the truth about why nothing is taken. */
  isRefusal(failure: Failure | undefined): boolean {
    if (failure?.code === "TIDEMARK_CLOSED") return this.ended !== undefined;
    const isHalted = failure?.code === "TIDEMARK_HALTED" && this.halt !== undefined;
    return isHalted && failure.reason === this.halt;
  }

  note(now: Seen): void {
    this.at = now.at;
    this.accepted = now.accepted;
    while (this.acceptedAt.length < now.accepted) this.acceptedAt.push(now.at);
    const note = NOTES[now.kind] as ((facts: Facts, now: Seen) => void) | undefined;
    note?.(this, now);
  }

  ask({ step, batches, at }: SeenOf<"asked">): void {
    this.given = batches.reduce((sum, entries) => sum + entries, this.given);
    this.#out.push({ step, at, toSeq: this.given });
  }

  /** What was asked first is answered; what comes next begins only now. */
  answer(at: number): Asked | undefined {
    const [answered, next] = this.#out.splice(0);
    if (next !== undefined) this.#out.push({ ...next, at });
    return answered;
  }

  take(id: number, at: number): void {
    this.taken.push(id);
    this.takenAt.push(at);
  }
}

const NOTES: { [Kind in Sight["kind"]]?: (facts: Facts, now: SeenOf<Kind>) => void } = {
  "handed in": (facts, { id, bytes, isOpen, isValid, at }) => {
    facts.bytes.set(id, bytes);
    if (isOpen && isValid) facts.take(id, at);
  },
  offered: ({ taken, takenAt }, { id, isTaken }) => {
    if (isTaken || taken.at(-1) !== id) return;
    taken.pop();
    takenAt.pop();
  },
  anchor: ({ anchors, taken }, { id, isOpen, at }) => {
    if (isOpen) anchors.set(id, { at, seq: taken.length });
  },
  closing: (facts, { isOpen, last, at }) => {
    if (isOpen) facts.ended = "closing";
    if (last !== undefined) facts.take(last, at);
  },
  abandoning: (facts, { isOpen, accepted }) => {
    if (!isOpen) return;
    facts.ended = "abandoning";
    facts.frozen = accepted;
  },
  asked: (facts, now) => facts.ask(now),
  landed: (facts, { ids, tsPublish }) => {
    facts.frames.push(ids.length);
    facts.log.push(...ids);
    facts.lastPublish = tsPublish.at(-1) ?? facts.lastPublish;
  },
  pinned: (facts, { id }) => {
    facts.pinned = id;
  },
  sealed: (facts) => {
    facts.isSealed = true;
  },
  answered: (facts, now) => {
    const { toSeq = 0 } = facts.answer(now.at) ?? {};
    facts.answeredAt = now.at;
    if (now.failure !== undefined) facts.failed ??= now;
    else if (now.step === "append") facts.acknowledged = toSeq;
    else if (now.step === "anchor") facts.anchors.delete(facts.pinned);
    else if (now.step === "seal") facts.isSealAcknowledged = true;
  },
  "given up": (facts) => {
    facts.isGivenUp = true;
  },
  watermark: (facts, { seq }) => {
    facts.told = seq;
  },
  commit: (facts, { commit }) => {
    facts.committed = commit.toSeq;
    facts.frames.splice(0, commit.batches.length);
  },
  halt: (facts, { reason, at, accepted }) => {
    facts.halt ??= reason;
    facts.haltedAt = at;
    facts.frozen = accepted;
  },
  pressure: (facts, { pressure }) => {
    facts.level = pressure.level;
  },
  completed: ({ completed }, { stream }) => {
    completed.push(stream);
  },
};

/** Whether what was accepted is still committed after a halt. */
export function isDraining({ kind }: HaltReason): boolean {
  return kind === "backpressure-stall" || kind === "overflow";
}
