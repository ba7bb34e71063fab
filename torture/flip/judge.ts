import type { Examined } from "../damage/Examiner.ts";
import type { Answer } from "../damage/questions.ts";
import type { Damage } from "./damage.ts";

/** What an examination breaks of the promises, and what it was, for the count. */
export interface Judgement {
  readonly breaches: readonly string[];
  readonly counts: readonly string[];
}

/** What may be said to questions that damage of one run must not keep from being answered. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  list: ["right", "problem"],
  open: ["crashed-recovered", "quarantined"],
  bystander: ["right"],
  "bystander after": ["right"],
};
/** What a run is opened with that was not damaged in anything that counts. */
const SOUND: ReadonlySet<string> = new Set(["right", "crashed-recovered"]);

/** Judges what was said of a damaged run: everything but a wrong answer, a death or a hang is right. */
export function judge(damage: Damage, examined: Examined): Judgement {
  if ("ended" in examined)
    return { breaches: [`the process ${examined.ended}`], counts: ["deaths"] };
  const { answers, signals } = examined;
  const deadly = signals.filter((signal) => signal !== "SIGKILL");
  const breaches = deadly.map((signal) => `the writer died of ${signal}`);
  const counts = signals.map((signal) => `writers ended by ${signal}`);
  for (const answer of answers) {
    const fault = faultOf(answer, damage);
    if (fault === undefined) continue;
    if (isOfUncheckedIndex(answer)) counts.push("wrong index answers where the edges were checked");
    else breaches.push(`${answer.question}: ${fault}`);
  }
  counts.push(outcomeOf(damage, answers));
  const opened = answers.find(({ question }) => question === "open");
  if (opened !== undefined) counts.push(`opened: ${opened.said}`);
  return { breaches, counts };
}

function faultOf({ question, said }: Answer, { hitsManifest }: Damage): string | undefined {
  if (said.startsWith("wrong") || said.startsWith("failed")) return said;
  const allowed = ALLOWED[question];
  if (allowed === undefined || allowed.includes(said)) return undefined;
  return question === "open" && hitsManifest && said === "untouched" ? undefined : said;
}

/**
 * Who has only the edges of a file checked trusts the rest of it: entries prove themselves all the
 * same, but an index row that cannot be found does not.
 */
function isOfUncheckedIndex({ question, said }: Answer): boolean {
  return said.startsWith("wrong") && (question === "edges index" || question === "edges keys");
}

function outcomeOf({ isRollback }: Damage, answers: readonly Answer[]): string {
  const isTold = answers.some(({ said }) => !SOUND.has(said));
  if (isRollback) return isTold ? "rollbacks found" : "rollbacks not found";
  return isTold ? "told" : "harmless";
}
