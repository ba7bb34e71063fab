import type { Examined } from "../damage/Examiner.ts";
import type { Answer } from "../damage/questions.ts";
import { signalFaults } from "../damage/signalFaults.ts";
import type { Damage } from "./damage.ts";

/** What an examination breaks of the promises, and what it was, for the count. */
export interface Judgement {
  readonly breaches: readonly string[];
  readonly counts: readonly string[];
}

/** A recovery proves the log. A damaged index is told by who verifies it, or asks for what was hit. */
const INDEX_FINDINGS = ["right", "found: index-drift", "found: index-drift, structure"];

/** What may be said to questions that damage of one run must not keep from being answered. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  list: ["right", "problem"],
  open: ["crashed-recovered", "quarantined"],
  bystander: ["right"],
  "bystander after": ["right"],
  "recovered verify": INDEX_FINDINGS,
};
/** What was recovered was proved; what is beside the log may be as damaged as it was. */
const SIDE_FINDINGS = ["right", "found: structure", "found: manifest-mismatch"];
const UNSEEN_ROLLBACK = "rollbacks not found";
/** What a run is opened with that was not damaged in anything that counts. */
const SOUND: ReadonlySet<string> = new Set(["right", "crashed-recovered"]);

/** Judges what was said of a damaged run: everything but a wrong answer, a death or a hang is right. */
export function judge(damage: Damage, examined: Examined): Judgement {
  if ("ended" in examined)
    return { breaches: [`the process ${examined.ended}`], counts: ["deaths"] };
  const { answers, signals } = examined;
  const breaches = [...signalFaults(signals)];
  const counts = signals.map((signal) => `writers ended by ${signal}`);
  for (const answer of answers) {
    const fault = faultOf(answer, damage);
    if (fault === undefined) continue;
    if (isOfUncheckedIndex(answer)) counts.push("wrong index answers where the edges were checked");
    else breaches.push(`${answer.question}: ${fault}`);
  }
  const outcome = outcomeOf(damage, answers);
  if (outcome === UNSEEN_ROLLBACK) breaches.push("nobody was told of the rollback");
  counts.push(outcome);
  const opened = answers.find(({ question }) => question === "open");
  if (opened !== undefined) counts.push(`opened: ${opened.said}`);
  return { breaches, counts };
}

function faultOf(answer: Answer, damage: Damage): string | undefined {
  const { question, said } = answer;
  if (isUntrue(said)) return said;
  const allowed = allowedOf(question, damage);
  return allowed === undefined || allowed.includes(said) ? undefined : said;
}

function isUntrue(said: string): boolean {
  return said.startsWith("wrong") || said.startsWith("failed");
}

function allowedOf(question: string, damage: Damage): readonly string[] | undefined {
  const allowed = ALLOWED[question];
  if (question === "open" && damage.hitsManifest) return [...(allowed ?? []), "untouched"];
  if (question === "recovered verify" && damage.hitsSideFile) return SIDE_FINDINGS;
  return allowed;
}

/**
 * Who has only the edges of a file checked trusts the rest of it: entries prove themselves all the
 * same, but an index row that cannot be found does not.
 */
function isOfUncheckedIndex({ question, said }: Answer): boolean {
  return said.startsWith("wrong") && (question === "edges index" || question === "edges keys");
}

function outcomeOf({ isRollback }: Damage, answers: readonly Answer[]): string {
  const isTold = answers.some(({ said }) => !SOUND.has(said) && !isUntrue(said));
  if (isRollback) return isTold ? "rollbacks found" : UNSEEN_ROLLBACK;
  return isTold ? "told" : "harmless";
}
