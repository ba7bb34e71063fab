import { AskedChild } from "./AskedChild.ts";
import type { Benchmark, Context } from "./Benchmark.ts";
import type { FirstSeconds } from "./firstSecondsChild.ts";
import { figure } from "./harness.ts";

/** How long it takes until everything that is hot is compiled; each round in a process of its own. */
export const firstSeconds: Benchmark = {
  name: "firstSeconds",
  question: "How long does the tail of the first seconds last, at 10,000 entries/s?",
  async run({ rounds, folder }: Context) {
    const spans: FirstSeconds[] = [];
    for (let round = 0; round < rounds; round++) {
      const program = new URL("./firstSecondsChild.ts", import.meta.url);
      await using child = new AskedChild(program, [folder()]);
      spans.push(await child.answer<FirstSeconds>());
    }
    const [first = []] = spans;
    return {
      ratios: [],
      figures: first.map(({ fromS, toS }, at) =>
        figure(
          `p99 from ${fromS} to ${toS} s`,
          "us",
          spans.map((span) => span[at]?.p99Us ?? Number.NaN),
        ),
      ),
    };
  },
};
