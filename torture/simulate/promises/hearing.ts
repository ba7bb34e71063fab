import type { Seq } from "../../../src/model/entry.ts";
import type { Facts } from "../Facts.ts";
import type { Seen, SeenOf } from "../History.ts";
import { judgeGates } from "./gates.ts";

/** What is known at the end, by which is judged what was heard before. */
export interface Found {
  readonly facts: Facts;
  /** The seq of everything that was taken, by its id. */
  readonly seqs: ReadonlyMap<number, Seq>;
  readonly must: (holds: boolean, promise: string, at?: number) => void;
}

/**
 * Everyone hears what has become of what they handed in, once, and not before it is so: by a
 * promise, a stream, a gate or a reader.
 */
export function judgeHearing(seen: readonly Seen[], { facts, must }: Omit<Found, "seqs">): void {
  const seqs = new Map(facts.taken.map((id, index) => [id, index + 1]));
  judgeCalls(seen, { facts, seqs, must });
  judgeGates(seen, { facts, seqs, must });
  judgeReaders(seen, { facts, seqs, must });
}

function judgeCalls(seen: readonly Seen[], found: Found): void {
  const heard = new Map<number, SeenOf<"heard">>();
  for (const now of seen) {
    if (now.kind !== "heard") continue;
    found.must(!heard.has(now.id), "a caller hears once", now.at);
    heard.set(now.id, now);
  }
  for (const now of seen) {
    const isAsked = now.kind === "handed in" || now.kind === "anchor";
    const answer = isAsked ? heard.get(now.id) : undefined;
    if (now.kind === "anchor") judgeAnchor(now, answer, found);
    else if (now.kind === "handed in" && now.gate === undefined) judgeCall(now, answer, found);
  }
}

type Answer = SeenOf<"heard"> | undefined;

function judgeAnchor({ id, at }: SeenOf<"anchor">, answer: Answer, { facts, must }: Found): void {
  const isRight = answer?.seq === undefined ? facts.isRefusal(answer) : !facts.anchors.has(id);
  must(isRight, `anchor ${id} is settled, as what became of it`, at);
}

function judgeCall(now: SeenOf<"handed in">, answer: Answer, found: Found): void {
  const { id, verb, isOpen, isValid, at } = now;
  const hears = (isRight: boolean, what: string): void =>
    found.must(isRight, `${verb} of draft ${id} ${what}`, at);
  if (isOpen && !isValid) {
    hears(answer?.code === "TIDEMARK_INVALID_ENTRY", "is refused as invalid");
  } else if (verb === "offer" || verb === "next") hears(answer === undefined, "does not throw");
  else {
    const waitsFor = verb === "submit" ? "accepted" : "watermark";
    const reached = waitsFor === "accepted" ? found.facts.accepted : found.facts.told;
    const seq = found.seqs.get(id) ?? Infinity;
    if (seq > reached) hears(found.facts.isRefusal(answer), "is settled, as refused");
    else judgeSeq(seq, { answer, waitsFor, hears });
  }
}

function judgeSeq(
  seq: Seq,
  {
    answer,
    waitsFor,
    hears,
  }: {
    answer: Answer;
    waitsFor: "accepted" | "watermark";
    hears: (isRight: boolean, what: string) => void;
  },
): void {
  hears(answer?.seq === seq, `tells its seq ${seq}`);
  const isEarly = answer !== undefined && answer[waitsFor] < seq;
  hears(!isEarly, "tells of it once it is durable");
}

function judgeReaders(seen: readonly Seen[], { facts, must }: Found): void {
  const reached = new Map<number, Seq>();
  for (const now of seen) {
    if (now.kind === "read") {
      const isNext = now.seq === (reached.get(now.reader) ?? -1) + 1;
      must(isNext && now.seq <= now.watermark, "what is read is dense and durable", now.at);
      reached.set(now.reader, now.seq);
    } else if (now.kind === "read to the end") {
      const seq = reached.get(now.reader);
      reached.delete(now.reader);
      const isToEnd = now.code === undefined ? seq === facts.told : facts.isRefusal(now);
      must(isToEnd, "a reader reads to the end, or is told why not", now.at);
      const isMeant = now.code === undefined || facts.isGivenUp || seq === 0;
      must(isMeant, "who has begun to read may read to the end", now.at);
    }
  }
  must(reached.size === 0, "every reader ends");
}
