import type { HaltReason } from "../../../src/model/halt.ts";
import { isDraining, type Facts } from "../Facts.ts";
import type { Must, Seen, SeenOf } from "../History.ts";
import type { Promises } from "./Promises.ts";

const HALTS_BY_FAILURE: Readonly<Record<string, HaltReason["kind"]>> = {
  TIDEMARK_DISK: "backend-disk",
  TIDEMARK_CORRUPTED: "backend-corrupted",
  TIDEMARK_FENCED: "fenced",
};

/** What a backend answers to those who ask for what they must not. */
const REFUSALS: ReadonlySet<string> = new Set([
  "TIDEMARK_LOCKED",
  "TIDEMARK_OUT_OF_ORDER",
  "TIDEMARK_SEALED",
  "TIDEMARK_CLOSED",
]);

const takesNothing = ({ isOpen }: { isOpen: boolean }, { isOver }: Facts, must: Must): void =>
  must(!isOpen || !isOver, "nothing is taken after a halt, close or abandon");

/** The first failure halts, once, for a reason that is true, and after the end there is nothing. */
export const FAIL_STOP: Promises = {
  "handed in": takesNothing,
  anchor: takesNothing,
  closing: takesNothing,
  abandoning: takesNothing,

  asked: ({ step, accepted }, facts, must) => {
    must(!facts.isGivenUp, "a backend that was given up is never touched again");
    const isAhead = step === "append" && facts.out?.step === "append" && !facts.isAhead;
    must(
      facts.out === undefined || isAhead,
      "a backend takes one step at a time, or one append ahead",
    );
    const isHalted = facts.halt !== undefined;
    must(step !== "anchor" || !isHalted, "no anchor is stored after a halt");
    const isEnd = step === "seal" || step === "close";
    must(!isEnd || facts.told === accepted, "a log is let go when all is durable");
    if (step !== "seal") return;
    must(facts.ended === "closing" && !isHalted, "only a close seals");
    must(facts.told === facts.taken.length, "a close commits everything first");
  },

  answered: ({ failure = "" }, { failed }, must) => {
    // What was handed over ahead of a failure is refused after it.
    must(
      !REFUSALS.has(failure) || failed !== undefined,
      "a backend is asked for nothing that it must refuse",
    );
  },

  watermark: (_, { halt }, must) => {
    must(halt === undefined || isDraining(halt), "a failure stops the watermark");
  },

  halt: (now, facts, must) => {
    const { reason, accepted } = now;
    must(facts.halt === undefined, "a writer halts once");
    must(!facts.isSealAcknowledged, "what is sealed has ended and cannot halt");
    must(reason.lastDurableSeq === facts.told, "a halt tells the watermark");
    const lost = isDraining(reason) ? 0 : accepted - facts.told;
    must(reason.lostEntries === lost, "a halt counts what may be lost");
    must(isTrueReason(now, facts), `nothing has happened that is a ${reason.kind}`);
  },

  "gate ended": ({ reason }, { halt }, must) => {
    must(reason === undefined || reason === halt, "halt$ tells of a halt first");
  },

  completed: ({ stream }, { completed }, must) => {
    must(!completed.includes(stream), "a stream completes once");
  },

  closed: (now, facts, must) => {
    const { ended, halt, isSealed, told } = facts;
    if (now.status !== undefined) {
      must(now.status === "ended" && now.highWatermark === told, "a closed run is ended");
      must(ended === "closing" && halt === undefined && isSealed, "a closed run is sealed");
    } else if (isSealed && halt === undefined) {
      must(now.code !== undefined && facts.isGivenUp, "a sealed run is closed");
    } else must(facts.isRefusal(now), "a close that fails says why");
  },

  "let go": ({ isResolved }, _, must) => must(isResolved, "abandon resolves"),
  "timers left": ({ count }, _, must) => must(count === 0, "no timer is left"),
  unhandled: ({ message }, _, must) => must(false, `nothing fails unheard: ${message}`),
};

/** What holds at every moment after an end. */
export function judgeAfterEnd(now: Seen, facts: Facts, must: Must): void {
  must(now.accepted === (facts.frozen ?? now.accepted), "nothing is accepted after the end");
  const isTold = now.at <= facts.haltedAt || facts.completed.includes("halt$");
  must(isTold, "halt$ completes with its reason");
}

/** Everything is over: what must have happened by now. */
export function judgeOutcome(facts: Facts, must: Must): void {
  const { told, ended, halt, failed } = facts;
  must(facts.completed.length === 4, "every stream completes");
  must(facts.isGivenUp || told === facts.accepted, "what is accepted becomes durable");
  const isClosed = ended === "closing" && halt === undefined;
  must(!isClosed || told === facts.taken.length, "a close commits all that was taken");
  const isHarmless = failed === undefined || (isClosed && failed.step === "close");
  must(isHarmless || halt !== undefined, "a failure halts");
  const found = facts.log.length - told;
  const mayBeFound = halt === undefined || isDraining(halt) ? found : halt.lostEntries;
  must(found <= mayBeFound, "no more is found than may be lost");
}

function isTrueReason(now: SeenOf<"halt">, facts: Facts): boolean {
  const { reason, accepted, at } = now;
  if (reason.kind === "backpressure-stall") return isStall(reason.stalledForMs, now, facts);
  if (reason.kind === "overflow") return isOverflow(accepted, facts);
  if (reason.kind === "commit-stall") return isHang(reason.stalledForMs, at, facts);
  const { failure = "", at: failedAt } = facts.failed ?? {};
  return failedAt === at && reason.kind === (HALTS_BY_FAILURE[failure] ?? "backend-error");
}

function isHang(forMs: number, at: number, { out, options }: Facts): boolean {
  return forMs === options.commitTimeoutMs && out !== undefined && at - out.at === forMs;
}

function isStall(forMs: number, { accepted, at }: SeenOf<"halt">, facts: Facts): boolean {
  const anchoredAt = Array.from(facts.anchors.values(), (anchor) => anchor.at);
  const oldestMs = at - Math.min(facts.takenAt[accepted] ?? at, ...anchoredAt);
  const isLong = forMs >= facts.options.haltThresholdMs && oldestMs >= forMs;
  return facts.ended === undefined && isLong;
}

function isOverflow(accepted: number, { taken, anchors, bytes, ended, options }: Facts): boolean {
  const line = taken.slice(accepted);
  const isLong = line.length + anchors.size > options.maxWaiting;
  // What an entry takes beside its payload is the writer's business, but it is no more than that.
  const mostBytes = line.reduce((sum, id) => sum + (bytes.get(id) ?? 0) + 200, 0);
  return ended === undefined && (isLong || mostBytes > options.maxWaitingBytes);
}
