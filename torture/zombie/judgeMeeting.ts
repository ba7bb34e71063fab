import type { Meeting } from "./meet.ts";

/** What the two writers must not have said or done when they met. */
export function judgeMeeting(meeting: Meeting): readonly string[] {
  return [
    ...meeting.breaches,
    ...judgeOpening(meeting),
    ...judgeLock(meeting),
    ...judgeFence(meeting),
  ];
}

/** Who may open, and what a refusal may be. */
function judgeOpening(meeting: Meeting): readonly string[] {
  const { first, second } = meeting;
  const breaches: string[] = [];
  if (first.runId === undefined) breaches.push(`the first never opened: ${first.failure?.message}`);
  const answer = second.runId === undefined ? second.failure?.code : "opened";
  if (answer === undefined) breaches.push("the second neither opened nor refused");
  else if (answer !== "opened" && !refusalsOf(meeting).includes(answer)) {
    breaches.push(`the second refused by ${answer}`);
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
function judgeFence({ first, second }: Meeting): readonly string[] {
  if (first.runId === undefined || second.runId === undefined) return [];
  const takenOver = second.recovered.find(({ runId }) => runId === first.runId);
  if (takenOver === undefined) return ["the second opened, and did not recover the first run"];
  const breaches: string[] = [];
  if (first.halt === undefined) breaches.push("the first writer did not halt");
  if (first.acknowledged > takenOver.highWatermark) {
    breaches.push(`acknowledged ${first.acknowledged} beyond ${takenOver.highWatermark}`);
  }
  return breaches;
}
