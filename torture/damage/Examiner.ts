import type { Report } from "../programs/examiner.ts";
import { ChildProgram, type ChildOptions } from "../support/ChildProgram.ts";
import type { Examination } from "./questions.ts";

/** A report, or what became of the process that was to give it. */
export type Examined = Report | { readonly ended: string };

const ANSWER_MS = 30_000;

/** A process that examines damaged runs, replaced by another one when it dies or hangs. */
export class Examiner {
  readonly #options: ChildOptions;
  #child: ChildProgram | undefined;

  constructor(options: ChildOptions = {}) {
    this.#options = options;
  }

  async examine(examination: Examination): Promise<Examined> {
    this.#child ??= new ChildProgram("examiner", [], this.#options);
    const child = this.#child;
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      child.kill();
    }, ANSWER_MS);
    child.say(JSON.stringify(examination));
    const line = await child.line();
    clearTimeout(timer);
    if (line !== undefined) return JSON.parse(line) as Report;
    this.#child = undefined;
    const { exit, stderr } = await child.ended;
    return { ended: hangs ? `no answer in ${ANSWER_MS} ms` : `died of ${exit}: ${stderr}` };
  }

  close(): void {
    this.#child?.kill();
  }
}
