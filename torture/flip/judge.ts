import type { Examined } from "../damage/Examiner.ts";
import type { Answer } from "../damage/questions.ts";
import { signalFaults } from "../damage/signalFaults.ts";
import { answerFault } from "./answerFault.ts";
import { contradictionsIn } from "./contradictionsIn.ts";
import type { Damage } from "./damage.ts";

/** What an examination breaks of the promises, and what it was, for the count. */
export interface Judgement {
  readonly breaches: readonly string[];
  readonly counts: readonly string[];
}

/** What a run is opened with that was not damaged in anything that counts. */
const SOUND: ReadonlySet<string> = new Set(["right", "crashed-recovered"]);

/**
 * Judges what was said of a damaged run: each answer is right or names damage, and no two of them
 * contradict each other.
 */
export function judge(damage: Damage, examined: Examined): Judgement {
  if ("ended" in examined)
    return { breaches: [`the process ${examined.ended}`], counts: ["deaths"] };
  const { answers, signals } = examined;
  const faults = answers.flatMap((answer) => {
    const fault = answerFault(answer, damage);
    return fault === undefined ? [] : [fault];
  });
  const missed = answers.filter(({ said }) => said.startsWith("missing"));
  const opened = answers.filter(({ question }) => question === "open");
  return {
    breaches: [...signalFaults(signals), ...faults, ...contradictionsIn(answers, damage)],
    counts: [
      ...signals.map((signal) => `writers ended by ${signal}`),
      ...missed.map(() => "index rows not found where the edges were checked"),
      outcomeOf(damage, answers),
      ...opened.map(({ said }) => `opened: ${said}`),
    ],
  };
}

function outcomeOf({ isRollback }: Damage, answers: readonly Answer[]): string {
  const isTold = answers.some(({ said }) => !SOUND.has(said));
  if (isRollback) return isTold ? "rollbacks found" : "rollbacks not found";
  return isTold ? "told" : "harmless";
}
