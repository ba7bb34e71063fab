import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Question, Verdict } from "../programs/judge.ts";
import { ChildProgram } from "../support/ChildProgram.ts";
import type { CrashImage } from "./crashImages.ts";
import { writeImage } from "./Image.ts";

/** An image to judge, by its case. */
export interface Case {
  readonly n: number;
  readonly crash: CrashImage;
}

/** As long as a judgement may take; one takes a third of a second. */
const PATIENCE_MS = 30_000;

/** Judges that live on from image to image, several at a time. */
export class JudgePool {
  readonly #folder: string;
  readonly #children: (ChildProgram | undefined)[];

  /** @param folder - where the images are laid out: empty, and ours. */
  constructor(folder: string, judges: number) {
    this.#folder = folder;
    this.#children = Array.from({ length: judges });
  }

  /** Judges images and tells the verdicts as they come. */
  async judge(cases: readonly Case[], tell: (of: Case, verdict: Verdict) => void): Promise<void> {
    const left = cases.values();
    const work = async (judge: number): Promise<void> => {
      for (const next of left) tell(next, await this.#judgeOne(judge, next));
    };
    await Promise.all(this.#children.map((_, judge) => work(judge)));
  }

  close(): void {
    for (const child of this.#children) child?.kill();
  }

  async #judgeOne(judge: number, { n, crash: { image, claims } }: Case): Promise<Verdict> {
    const folder = join(this.#folder, String(judge));
    mkdirSync(folder);
    writeImage(image, folder);
    const directory = join(folder, "runs");
    const verdict = await this.#ask(judge, { directory, claims, close: n % 2 === 0 });
    rmSync(folder, { recursive: true });
    return verdict;
  }

  async #ask(judge: number, question: Question): Promise<Verdict> {
    const child = this.#children[judge] ?? new ChildProgram("judge", []);
    this.#children[judge] = child;
    child.say(JSON.stringify(question));
    const timer = setTimeout(() => child.kill(), PATIENCE_MS);
    const line = await child.line();
    clearTimeout(timer);
    if (line !== undefined) return JSON.parse(line) as Verdict;
    this.#children[judge] = undefined;
    const { exit, stderr } = await child.ended;
    return { breaches: [`its judge ended by ${exit}: ${stderr}`], recovered: [] };
  }
}
