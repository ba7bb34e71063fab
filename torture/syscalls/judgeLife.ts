import { injectionsIn } from "./calls.ts";
import { ackedTooSoon, durableCommitsIn, type CommitsBehind } from "./commits.ts";
import { acknowledgedIn, DATA_FILE, LOOKED_UP, type Life, type Said } from "./Life.ts";
import { misnamed } from "./misnamed.ts";
import { mustBeToldSince } from "./mustBeTold.ts";
import type { FailingPoint } from "./points.ts";

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
/** The outcome of a life that did not make the call that was to fail. */
export const NOT_REACHED = "not reached";
const UNHEEDED = "needed no heed";
/** Words that somebody relies on from then on. */
const CLAIMS: ReadonlySet<string> = new Set(["open", "ack", "closed", "recovered"]);

/**
 * Judges what a life said: one halt or a typed error each, within a second, with the right number and
 * with nothing claimed that hangs on the failed call, and an end by itself.
 *
 * @param needed - what acknowledgements take, from a life without failures
 */
export function judgeLife(life: Life, point: FailingPoint, needed: CommitsBehind): LifeVerdict {
  const { said } = life;
  const told = said.find(isFailure);
  return {
    outcome: outcomeOf(told, life),
    breaches: [
      ...endedBadly(life),
      ...untyped(said),
      ...ackedAfterHalt(said),
      ...readTooLittle(said),
      ...toldLate(life),
      ...(told === undefined || life.hung ? [] : misnamed(told, point)),
      ...unheeded(life, point),
      ...ackedWithoutCommit(life, point, needed),
    ],
    isOpened: said.some(({ word }) => word === "open"),
    acknowledged: acknowledgedIn(said),
    isClosed: said.some(({ word, value }) => word === "closed" && value["status"] === "ended"),
  };
}

function endedBadly({ said, ending, hung, left }: Life): string[] {
  const breaches: string[] = [];
  if (hung) breaches.push("it hung");
  else if (ending.exit !== 0) breaches.push(`it ended by ${ending.exit}: ${ending.stderr}`);
  if (left) breaches.push("a process of it outlived it");
  const halts = said.filter(({ word }) => word === "halt");
  if (halts.length > 1) breaches.push(`${halts.length} halts`);
  return breaches;
}

function unheeded(life: Life, point: FailingPoint): string[] {
  const since = mustBeToldSince(point, life);
  if (since === undefined) return [];
  const claimed = claimedAfter(since, life.said, point);
  const isTold = life.said.some((said) => said.at >= since && isFailure(said));
  return isTold ? claimed : ["nobody was told", ...claimed];
}

/** Of a file of which all writes and syncs were seen. */
function ackedWithoutCommit(
  { said, trace }: Life,
  { role, file }: FailingPoint,
  needed: CommitsBehind,
): string[] {
  if (role !== "writer" || file !== DATA_FILE) return [];
  return ackedTooSoon(said, durableCommitsIn(trace, file), needed);
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

/** What was acknowledged is readable, for the run itself and for others. */
function readTooLittle(said: readonly Said[]): string[] {
  const breaches: string[] = [];
  for (const [at, { word, value }] of said.entries()) {
    if (!("count" in value)) continue;
    const acknowledged = acknowledgedIn(said.slice(0, at));
    const isFound = !("found" in value) || value["found"] === LOOKED_UP || acknowledged < LOOKED_UP;
    if (Number(value["count"]) >= acknowledged && isFound) continue;
    breaches.push(`${word} ${JSON.stringify(value)} with ${acknowledged} acknowledged`);
  }
  return breaches;
}

function toldLate({ said, trace }: Life): string[] {
  const told = said.find(isFailure);
  if (told === undefined) return [];
  // Where two threads make the call, the failure of one may have been of no consequence.
  const injectedAt = injectionsIn(trace).findLast(({ at }) => at <= told.at)?.at;
  if (injectedAt === undefined) return [];
  const afterMs = told.at - injectedAt;
  return afterMs <= MAX_TELLING_MS ? [] : [`told ${afterMs.toFixed(0)} ms after the failure`];
}

/** What somebody was led to rely on behind the failure of a call that it hangs on. */
function claimedAfter(failedAt: number, said: readonly Said[], point: FailingPoint): string[] {
  const claims = said.filter(({ at, word }) => at > failedAt && CLAIMS.has(word));
  const [first, ...others] = claims.filter(({ word }) => word === "ack");
  // The opening is told together with the first acknowledgement.
  const isOnItsWay = first !== undefined && others.length === 0 && mayBeOnItsWay(point);
  const [wrong] = isOnItsWay
    ? claims.filter(({ word }) => word === "closed" || word === "recovered")
    : claims;
  if (wrong === undefined) return [];
  return [`${wrong.word} ${JSON.stringify(wrong.value)} after the failure`];
}

/**
 * Whether an acknowledgement may be on its way while a call fails: the writer makes room and remembers
 * the head when it has given its answer. Before any other call the last answer was heard.
 */
function mayBeOnItsWay({ role, syscall, file }: FailingPoint): boolean {
  if (role !== "writer" || !/^(?:write|fdatasync)$/.test(syscall)) return false;
  return file === DATA_FILE || file.endsWith("/checkpoints.log");
}
