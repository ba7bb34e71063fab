import { acknowledgedIn, RUN_ID, type Life, type Said } from "./Life.ts";
import type { FailingPoint } from "./points.ts";
import { injectionsIn } from "./strace.ts";

/** What a life with one failing call came to, and what of it breaks a promise. */
export interface LifeVerdict {
  /** What the user was told: a halt, an error, or nothing, because the call was not needed. */
  readonly outcome: string;
  readonly breaches: readonly string[];
  readonly isOpened: boolean;
  readonly acknowledged: number;
  readonly isClosed: boolean;
}

const MAX_TELLING_MS = 1_000;
/** What the disk says as such; a failure of it is never called anything else by us. */
const DISK_ERRORS: ReadonlySet<string> = new Set(["EIO", "ENOSPC", "EDQUOT", "EROFS"]);
/** The outcome of a life that did not make the call that was to fail. */
export const NOT_REACHED = "not reached";
const UNHEEDED = "needed no heed";
const WRITES_AND_SYNCS = /^(?:p?write(?:64|v)?|fdatasync|fsync|ftruncate|rename)$/;

/** Judges what a life said: one halt or a typed error each, within a second, and an end by itself. */
export function judgeLife(life: Life, point: FailingPoint): LifeVerdict {
  const { said, ending, hung, left } = life;
  const breaches: string[] = [];
  if (hung) breaches.push("it hung");
  else if (ending.exit !== 0) breaches.push(`it ended by ${ending.exit}: ${ending.stderr}`);
  if (left) breaches.push("a process of it outlived it");
  const halts = said.filter(({ word }) => word === "halt");
  if (halts.length > 1) breaches.push(`${halts.length} halts`);
  breaches.push(...untyped(said), ...ackedAfterHalt(said), ...toldLate(life));
  const told = said.find(isFailure);
  const outcome = outcomeOf(told, life);
  if (told !== undefined && !hung) breaches.push(...misnamed(told, point));
  const mustBeTold = isOfDurability(point) && !isMadeUpFor(point, life);
  if (outcome === UNHEEDED && mustBeTold) breaches.push("nobody was told");
  return {
    outcome,
    breaches,
    isOpened: said.some(({ word }) => word === "open"),
    acknowledged: acknowledgedIn(said),
    isClosed: said.some(({ word, value }) => word === "closed" && value["status"] === "ended"),
  };
}

function isFailure({ word, value }: Said): boolean {
  return word === "halt" || "code" in value;
}

function outcomeOf(told: Said | undefined, { said, ending, hung, trace }: Life): string {
  if (injectionsIn(trace).length === 0) return NOT_REACHED;
  if (hung) return "hung";
  if (ending.exit !== 0) return `died of ${ending.exit}`;
  if (told === undefined) return UNHEEDED;
  if (told.word === "halt") return `halted ${String(told.value["kind"])}`;
  return said.some(({ word }) => word === "open") ? `${told.word} rejected` : "opening rejected";
}

/** Every error is one of ours. */
function untyped(said: readonly Said[]): string[] {
  const errors = said.filter(({ word, value }) => word !== "halt" && "code" in value);
  const strange = errors.filter(({ value }) => !String(value["code"]).startsWith("TIDEMARK_"));
  return strange.map(({ word, value }) => `${word}: ${JSON.stringify(value)}`);
}

function ackedAfterHalt(said: readonly Said[]): string[] {
  const halt = said.findIndex(({ word }) => word === "halt");
  const after = halt < 0 ? [] : said.slice(halt).filter(({ word }) => word === "ack");
  return after.map(({ value }) => `acknowledged ${String(value["seq"])} after the halt`);
}

function toldLate({ said, trace }: Life): string[] {
  const told = said.find(isFailure);
  if (told === undefined) return [];
  // Where two threads make the call, the failure of one may have been of no consequence.
  const injectedAt = injectionsIn(trace).findLast((at) => at <= told.at);
  if (injectedAt === undefined) return [];
  const afterMs = told.at - injectedAt;
  return afterMs <= MAX_TELLING_MS ? [] : [`told ${afterMs.toFixed(0)} ms after the failure`];
}

/**
 * A failure of the disk is told as one, unless LMDB keeps it to itself: of its writes and syncs it
 * tells the number, of all else what came of it, and while it opens it dies of either.
 */
function misnamed({ word, value }: Said, { role, syscall, error }: FailingPoint): string[] {
  const text = JSON.stringify(value);
  if (word === "halt" && String(value["kind"]).endsWith("-stall")) return [`a stall: ${text}`];
  const isOfLmdb = role === "writer" && (word === "failed" || !WRITES_AND_SYNCS.test(syscall));
  if (!DISK_ERRORS.has(error) || isOfLmdb) return [];
  const isDisk = value["kind"] === "backend-disk" || value["code"] === "TIDEMARK_DISK";
  return isDisk ? [] : [`${error} was told as ${text}`];
}

/** What was acknowledged hangs on it: a failure that nobody hears of is a false acknowledgement. */
function isOfDurability({ syscall, error }: FailingPoint): boolean {
  return WRITES_AND_SYNCS.test(syscall) && DISK_ERRORS.has(error);
}

/** The reserve is removed twice, the first time for whoever needs it, and the second time for good. */
function isMadeUpFor({ role, syscall, file }: FailingPoint, { trace }: Life): boolean {
  if (role !== "main" || syscall !== "fsync" || !file.endsWith(RUN_ID)) return false;
  const [, after = ""] = trace.split("(INJECTED)");
  return / = 0$/m.test(after);
}
