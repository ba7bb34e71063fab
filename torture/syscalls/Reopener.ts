import { ChildProgram } from "../support/ChildProgram.ts";

/** Another process, in which nothing fails, that opens what a life left behind. */
export class Reopener {
  #child: ChildProgram | undefined;

  /** Opens the instance of a directory once and closes it; what was wrong with that, if anything. */
  async reopen(directory: string): Promise<string[]> {
    this.#child ??= new ChildProgram("reopen", []);
    this.#child.say(directory);
    const said = await this.#child.line();
    if (said === "reopened ended") return [];
    if (said !== undefined) return [`the next opening said ${said}`];
    const { exit, stderr } = await this.#child.ended;
    this.#child = undefined;
    return [`the next opening ended by ${exit}: ${stderr}`];
  }

  async close(): Promise<void> {
    this.#child?.process.stdin?.end();
    await this.#child?.ended;
  }
}
