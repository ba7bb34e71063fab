import type { Seq } from "../../../src/model/entry.ts";
import type { Seen, SeenOf } from "../History.ts";
import type { Found } from "./hearing.ts";

type Item = SeenOf<"handed in"> | SeenOf<"unrecorded">;

/** What came into a gate and went through it so far, and how it ended. */
class GateBook {
  readonly items: Item[] = [];
  readonly through: Set<number> = new Set();
  end: SeenOf<"gate ended"> | undefined;

  get isCapture(): boolean {
    return this.items.some((item) => item.kind === "handed in" && item.verb === "capture");
  }
}

/**
 * `record` lets an item through once it is durable, in order, without gaps; `capture` as soon as
 * its draft is taken. Both go on to the end.
 */
export function judgeGates(seen: readonly Seen[], found: Found): void {
  const gates = new Map<number, GateBook>();
  for (const now of seen) {
    if (!("gate" in now) || now.gate === undefined) continue;
    const gate = gates.get(now.gate) ?? new GateBook();
    gates.set(now.gate, gate);
    if (now.kind === "gate ended") {
      found.must(gate.end === undefined, "a gate ends once", now.at);
      gate.end = now;
    } else if (now.kind === "let through") {
      judgeItem(now, gate, found);
      gate.through.add(now.id);
    } else gate.items.push(now);
  }
  for (const [number, gate] of gates) judgeEnd(`gate ${number}`, gate, found);
}

function judgeItem(now: SeenOf<"let through">, gate: GateBook, { seqs, must }: Found): void {
  const { items, through, end, isCapture } = gate;
  must(end === undefined && !through.has(now.id), "a gate lets an item through once", now.at);
  if (isCapture) {
    const item = items.findLast(({ id }) => id === now.id);
    return must(item?.at === now.at, "capture passes an item on at once", now.at);
  }
  const item = items[through.size];
  must(item?.id === now.id, "record lets items through in their order", now.at);
  const seq = item === undefined ? undefined : seqOf(item, seqs);
  must((seq ?? 0) <= now.watermark, "record lets an item through once it is durable", now.at);
  must(now.seq === seq, "record tells the seq of an item", now.at);
}

function judgeEnd(name: string, gate: GateBook, { facts, seqs, must }: Found): void {
  const { items, through, end, isCapture } = gate;
  must(end !== undefined, `${name} ends`);
  if (end?.code === "unsubscribe") return;
  const reached = isCapture ? facts.accepted : (facts.halt?.lastDurableSeq ?? facts.told);
  const held = items.findIndex((item) => (seqOf(item, seqs) ?? 0) > reached);
  const due = held === -1 ? items : items.slice(0, held);
  must(isCapture || through.size <= due.length, `${name} holds back what is not durable`);
  // What an item raises may end its gate, before that item or those behind it had their turn.
  const isCutOff = end?.code !== undefined;
  const isPassed = due.every(({ id, at }) => through.has(id) || (isCutOff && at === end.at));
  must(isPassed, `${name} lets ${due.length} through, not ${through.size}`);
}

/** The seq of an item; of one that was refused none is reached, of an unrecorded one there is none. */
function seqOf(item: Item, seqs: Found["seqs"]): Seq | undefined {
  return item.kind === "unrecorded" ? undefined : (seqs.get(item.id) ?? Infinity);
}
