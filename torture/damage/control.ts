import { rmSync } from "node:fs";
import { copyTemplate } from "./copyTemplate.ts";
import type { Examiner } from "./Examiner.ts";
import type { Answer, Examination } from "./questions.ts";
import type { Template } from "./template.ts";

/** Questions that have another right answer when the truth is another one. */
const JUDGED = ["forwards", "backwards", "one by one", "index", "keys", "anchor"];

/**
 * Whether the examiner can tell right from wrong: of an undamaged run everything is right, and with
 * another truth of the same run every answer to it is wrong. Gives what speaks against it.
 */
export async function faultsOfExaminer(
  examiner: Examiner,
  template: Template,
  folder: string,
): Promise<readonly string[]> {
  const directory = copyTemplate(template, folder);
  const { victim, bystander } = template;
  const right: Examination = { directory, truth: victim, bystander, opens: false };
  const other: Examination = { ...right, truth: another(victim) };
  const faults = [
    ...(await answersTo(examiner, right))
      .filter(({ said }) => said !== "right")
      .map(({ question, said }) => `undamaged, ${question}: ${said}`),
    ...(await answersTo(examiner, other))
      .filter(({ question, said }) => isJudged(question) && !said.startsWith("wrong"))
      .map(({ question, said }) => `with another truth, ${question}: ${said}`),
  ];
  rmSync(directory, { recursive: true });
  return faults;
}

function another(truth: Template["victim"]): Template["victim"] {
  const keys = truth.keys.map((one) => ({ ...one, seq: one.seq + 1 }));
  return { ...truth, entries: [...truth.entries.slice(0, -1), ""], keys, anchor: "" };
}

function isJudged(question: string): boolean {
  return JUDGED.some((name) => question.endsWith(` ${name}`));
}

async function answersTo(examiner: Examiner, examination: Examination): Promise<readonly Answer[]> {
  const examined = await examiner.examine(examination);
  if ("ended" in examined) throw new Error(`The examiner ${examined.ended}`);
  return examined.answers;
}
