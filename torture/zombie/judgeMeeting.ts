import { haltFaults } from "../support/haltFaults.ts";
import type { Meeting } from "./meet.ts";

/** A few may meet in the very moment of a commit. */
const MIN_OVERTAKEN = 3;
/** How many of those who might may meet in the moment of a commit: a share, and a few in any case. */
const MAX_SHARE_REFUSED = 0.1;
const MAX_FEW_REFUSED = 2;
/** What a writer says that finds the other one's commit where it was about to write, or has written. */
const MET_IN_A_COMMIT = /^(LMDB would write transaction|Somebody else writes)/;

/** What the two writers must not have said or done when they met. */
export function judgeMeeting(meeting: Meeting): readonly string[] {
  return [
    ...meeting.breaches,
    ...judgeOpening(meeting),
    ...judgeLock(meeting),
    ...judgeFence(meeting),
    ...haltFaults(meeting.first),
  ];
}

/**
 * Whether the second has taken the run over while the first still wrote it. Nothing else makes a first
 * halt whose writer process was not stopped alone.
 */
export function isOvertaken({ first, second, whom, isFirstThere }: Meeting): boolean {
  const isRecovered = second.recovered.some(({ runId }) => runId === first.runId);
  return isRecovered && (whom !== "writer" || isFirstThere);
}

/** What speaks against all meetings together: some end by the fence, where there were some at all. */
export function fenceFault(overtaken: number, fenced: number): string | undefined {
  if (overtaken < MIN_OVERTAKEN || fenced > 0) return undefined;
  return `${overtaken} were overtaken, and the fence stopped none of them`;
}

/** Whether the second can open the run while the first commits, and not know of it. */
export function isUnseen({ isBlind, isWriterStopped }: Meeting): boolean {
  return isBlind && !isWriterStopped;
}

/** Whether the second was refused since it opened the run in the very moment of a commit. */
export function isMetInACommit(meeting: Meeting): boolean {
  const { code, message = "" } = meeting.second.failure ?? {};
  return isUnseen(meeting) && code === "TIDEMARK_BACKEND" && MET_IN_A_COMMIT.test(message);
}

/** What speaks against all openings together: to meet in the moment of a commit is rare. */
export function refusalFault(unseen: number, refused: number): string | undefined {
  if (refused <= Math.max(MAX_FEW_REFUSED, unseen * MAX_SHARE_REFUSED)) return undefined;
  return `${refused} of ${unseen} were refused in the moment of a commit`;
}

/** Who may open, and what a refusal may be. */
function judgeOpening(meeting: Meeting): readonly string[] {
  const { first, second } = meeting;
  const breaches: string[] = [];
  if (first.runId === undefined) breaches.push(`the first never opened: ${first.failure?.message}`);
  const answer = second.runId === undefined ? second.failure?.code : "opened";
  if (answer === undefined) breaches.push("the second neither opened nor refused");
  else if (
    answer !== "opened" &&
    !refusalsOf(meeting).includes(answer) &&
    !isMetInACommit(meeting)
  ) {
    breaches.push(`the second refused by ${answer}: ${second.failure?.message}`);
  }
  return breaches;
}

/** Whoever can see a first that is there is locked out. */
function judgeLock({ second, isBlind, isFirstThere }: Meeting): readonly string[] {
  if (isBlind || !isFirstThere) return [];
  const isLockedOut = second.runId === undefined && second.failure?.code === "TIDEMARK_LOCKED";
  return isLockedOut ? [] : ["the second was not locked out by a first that it could see"];
}

/** A stopped writer process may hold the lock of the data file, which is waited for in vain. */
function refusalsOf({ isWriterStopped }: Meeting): readonly string[] {
  return isWriterStopped ? ["TIDEMARK_LOCKED", "TIDEMARK_BACKEND"] : ["TIDEMARK_LOCKED"];
}

/** What holds once the second had opened: it has taken over the run of the first. */
function judgeFence(meeting: Meeting): readonly string[] {
  const { first, second } = meeting;
  if (first.runId === undefined || second.runId === undefined) return [];
  const takenOver = second.recovered.find(({ runId }) => runId === first.runId);
  if (takenOver === undefined) return ["the second opened, and did not recover the first run"];
  const breaches: string[] = [];
  const kind = first.halt?.kind;
  if (kind === undefined) breaches.push("the first writer did not halt");
  else if (!haltsOf(meeting).includes(kind)) breaches.push(`the first halted by ${kind}`);
  if (first.acknowledged > takenOver.highWatermark) {
    breaches.push(`acknowledged ${first.acknowledged} beyond ${takenOver.highWatermark}`);
  }
  return breaches;
}

/**
 * How the first may find out that it was overtaken. Where the second opens in the very moment of a
 * commit the first may be told of a failing backend instead, and whose writer process alone was
 * stopped may have halted before.
 */
function haltsOf({ whom }: Meeting): readonly string[] {
  return whom === "writer"
    ? ["fenced", "backend-error", "commit-stall", "backpressure-stall"]
    : ["fenced", "backend-error"];
}
