import { join } from "node:path";
import type { Context } from "../Attack.ts";
import { Tally } from "../support/Tally.ts";
import { faultsOfExaminer } from "./control.ts";
import { Examiner } from "./Examiner.ts";
import { makeTemplate, type Template } from "./template.ts";

/** What the attacks on files work with: runs to be damaged, and processes that examine them. */
export class Bench {
  readonly tally: Tally = new Tally();
  readonly sealed: Template;
  readonly crashed: Template;
  readonly #context: Context;
  readonly #root: string;

  static async setUp(context: Context): Promise<Bench> {
    const [sealed, crashed] = await Promise.all([
      makeTemplate(context.folder(), true),
      makeTemplate(context.folder(), false),
    ]);
    return new Bench(context, sealed, crashed);
  }

  private constructor(context: Context, sealed: Template, crashed: Template) {
    this.sealed = sealed;
    this.crashed = crashed;
    this.#context = context;
    this.#root = context.folder();
  }

  /** The path of a case's copy; nothing is there yet. */
  folderOf(name: number | string): string {
    return join(this.#root, String(name));
  }

  /**
   * Goes through the cases up to `end`, after the examiners have shown that they can judge. What
   * `attackOnce` gives says whether there was an attack: what is left out is no case.
   */
  async workThrough(
    end: number,
    attackOnce: (n: number, examiner: Examiner) => Promise<boolean>,
  ): Promise<void> {
    let next = this.#context.from;
    const work = async (template: Template, index: number): Promise<void> => {
      const examiner = new Examiner();
      const folder = this.folderOf(`control ${index}`);
      for (const fault of await faultsOfExaminer(examiner, template, folder)) {
        this.tally.breach(next, `control: ${fault}`);
      }
      while (next < end) {
        const n = next;
        next += 1;
        if (await attackOnce(n, examiner)) this.tally.cases += 1;
        this.#context.progress(this.tally.cases);
      }
      examiner.close();
    };
    await Promise.all([this.sealed, this.crashed].map(work));
  }
}
