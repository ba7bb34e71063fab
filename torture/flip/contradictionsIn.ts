import type { Answer } from "../damage/questions.ts";
import type { Damage } from "./damage.ts";

/** What a recovery does not read: damage of it alone sets no run aside. */
const BESIDE_THE_LOG = /^found: (?:(?:index-drift|anchor-invalid)(?:, |$))+$/;

/** What of the answers cannot be true together, or with what was done. */
export function contradictionsIn(answers: readonly Answer[], damage: Damage): readonly string[] {
  const verified = saidTo("verify", answers) ?? "nothing";
  return [...unverified(verified, { answers, damage }), ...misjudged(verified, answers)];
}

/** Whatever damage anybody was told of, a verification finds some. */
function unverified(
  verified: string,
  { answers, damage }: { readonly answers: readonly Answer[]; readonly damage: Damage },
): readonly string[] {
  if (isFinding(verified)) return [];
  const told = answers.filter(isOfRunAsFound).filter(({ said }) => said !== "right");
  return [
    ...(told.length === 0 ? [] : [`verify: ${verified}, but ${textOf(told)}`]),
    ...(damage.isRollback ? [`verify: ${verified} of a rollback`] : []),
  ];
}

/** What whoever opened the run again made of it, and what was said of it before. */
function misjudged(verified: string, answers: readonly Answer[]): readonly string[] {
  const opened = saidTo("open", answers);
  if (opened === "quarantined") {
    const isDamaged = isFinding(verified) && !BESIDE_THE_LOG.test(verified);
    return isDamaged ? [] : [`open: quarantined, but verify: ${verified}`];
  }
  if (opened === "crashed-recovered") {
    const told = answers.filter(isOfEntries).filter(({ said }) => said !== "right");
    return told.length === 0 ? [] : [`open: crashed-recovered, but ${textOf(told)}`];
  }
  const isForgotten = opened === "untouched" && saidTo("list", answers) !== "problem";
  return isForgotten ? ["open: untouched, but it is listed without a problem"] : [];
}

function isFinding(verified: string): boolean {
  return verified.startsWith("found: ") || verified.startsWith("TIDEMARK_");
}

/** Whether it was asked of the damaged run before anybody opened it again. */
function isOfRunAsFound({ question }: Answer): boolean {
  return /^(?:list|read|edges)\b/.test(question);
}

/** Whether it was asked of the entries, with all of the file checked. */
function isOfEntries({ question }: Answer): boolean {
  return /^read (?:forwards|backwards|one by one)$/.test(question);
}

function saidTo(asked: string, answers: readonly Answer[]): string | undefined {
  return answers.find(({ question }) => question === asked)?.said;
}

function textOf(answers: readonly Answer[]): string {
  return answers.map(({ question, said }) => `${question}: ${said}`).join(", ");
}
