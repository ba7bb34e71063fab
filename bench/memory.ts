import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import type { Flood, MemoryResult } from "./memoryChild.ts";

const DESCRIPTIONS: Readonly<Record<Flood, string>> = {
  submissions: "run.submissions, never asking",
  submit: "submit, never awaiting",
  offer: "offer, waiting where it says false",
};

/** What a flood does to the memory of a process; each in a process of its own, once. */
export const memory: Benchmark = {
  name: "memory",
  question: "How much memory does a source take that pushes 5,000,000 drafts of 256 B at once?",
  async run({ folder }: Context) {
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const flood of Object.keys(DESCRIPTIONS) as Flood[]) {
      const what = DESCRIPTIONS[flood];
      const result = await floodIn(flood, folder());
      if (typeof result === "string") {
        notes.push(`${what}: ${result}`);
        continue;
      }
      const { beforeMiB, peakMiB, afterMiB, ending } = result;
      const show = (when: string, value: number): Figure => ({
        what: `${what}: ${when}`,
        unit: "MiB RSS",
        median: value,
        min: value,
        max: value,
      });
      figures.push(show("before", beforeMiB), show("peak", peakMiB), show("after", afterMiB));
      notes.push(`${what}: ${ending}`);
    }
    return { ratios: [], figures, notes };
  },
};

/** What the flood did, or how its process died of it. */
function floodIn(flood: Flood, folder: string): Promise<MemoryResult | string> {
  const path = fileURLToPath(new URL("./memoryChild.ts", import.meta.url));
  return new Promise((resolve) => {
    const child = fork(path, [flood, folder], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    child.once("message", (result) => resolve(result as MemoryResult));
    child.once("exit", (code, signal) => resolve(`ended with ${code ?? signal}: out of memory?`));
  });
}
