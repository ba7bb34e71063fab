import type { LoadCounts } from "./LoadWatch.ts";
import { LogWatch } from "./LogWatch.ts";
import { outsideOf } from "./outsideOf.ts";
import type { Sample } from "./settings.ts";

/** Takes in what a program of the soak says, and looks at it from outside each time. */
export class Watcher {
  readonly #series = new Map<string, number[]>();
  readonly log: LogWatch = new LogWatch();
  samples = 0;
  entries = 0;
  /** Of a load that has come to its end. */
  counts: LoadCounts | undefined;

  get series(): ReadonlyMap<string, readonly number[]> {
    return this.#series;
  }

  /** Takes a line of a process; false for one that must not be. */
  take(line: string, pid: number): boolean {
    const [word = "", json = ""] = line.split(/ (.*)/s);
    if (word === "sample") this.#takeSample(JSON.parse(json) as Sample, pid);
    else if (word === "counts") this.counts = JSON.parse(json) as LoadCounts;
    else return false;
    return true;
  }

  #takeSample(sample: Sample, pid: number): void {
    const { heapBytes, resources, run } = sample;
    this.samples += 1;
    this.entries = sample.entries;
    const values = { heapBytes, resources, ...outsideOf(pid), ...this.log.look(run) };
    for (const [what, value] of Object.entries(values)) {
      const before = this.#series.get(what);
      if (before === undefined) this.#series.set(what, [value]);
      else before.push(value);
    }
  }
}
