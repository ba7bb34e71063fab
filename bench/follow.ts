import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readRun } from "../src/runs/readRun.ts";
import type { Benchmark, Context } from "./Benchmark.ts";
import type { DurableAt, WriteOrder } from "./followChild.ts";
import { figure, percentileOf } from "./harness.ts";
import { sharedNowMs } from "./sharedNowMs.ts";

const ORDER: WriteOrder = { perSecond: 1_000, forMs: 5_000 };
/** What is left out of the figures: code that has not run yet. */
const WARM_UP_MS = 1_000;
const IDLE_MS = 4_000;

/** What one follower came to. */
interface Followed {
  readonly lag50: number;
  readonly lag99: number;
  readonly lagMax: number;
  readonly idlePercent: number;
  readonly busyPercent: number;
}

/** A follower in this process, and the writer of the run in another one. */
export const follow: Benchmark = {
  name: "follow",
  question: "How far is a follower in another process behind durability, at 1,000 entries/s?",
  async run({ rounds, folder }: Context) {
    const results: Followed[] = [];
    for (let round = 0; round < rounds; round += 1) results.push(await followed(folder()));
    const show = (what: string, unit: string, key: keyof Followed, reach?: string) => ({
      ...figure(
        what,
        unit,
        results.map((result) => result[key]),
      ),
      ...(reach === undefined ? {} : { reach }),
    });
    return {
      ratios: [],
      figures: [
        show("behind durability, median", "ms", "lag50", "20"),
        show("behind durability, p99", "ms", "lag99"),
        show("behind durability, max", "ms", "lagMax"),
        show("of a core while nothing comes", "%", "idlePercent", "1"),
        show("of a core while 1,000 entries/s come", "%", "busyPercent"),
      ],
    };
  },
};

async function followed(directory: string): Promise<Followed> {
  const path = fileURLToPath(new URL("./followChild.ts", import.meta.url));
  const child = fork(path, [directory], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await once(child, "message");
  await using reader = await readRun({ directory });
  const seenAt: number[] = [];
  const following = (async () => {
    for await (const { seq } of reader.entries({ live: true })) {
      seenAt[seq] = sharedNowMs();
    }
  })();
  await delay(WARM_UP_MS);
  const idlePercent = await percentOfCore(delay(IDLE_MS));
  const told = once(child, "message") as Promise<[DurableAt]>;
  child.send(ORDER);
  const busyPercent = await percentOfCore(following);
  const [durableAt] = await told;
  const first = 1 + (ORDER.perSecond * WARM_UP_MS) / 1000;
  const lags = Float64Array.from(
    durableAt.slice(first).map((at, index) => (seenAt[first + index] ?? Number.NaN) - at),
  ).toSorted();
  const [lag50, lag99, lagMax] = [0.5, 0.99, 1].map((share) => percentileOf(lags, share));
  return {
    lag50: lag50 as number,
    lag99: lag99 as number,
    lagMax: lagMax as number,
    idlePercent,
    busyPercent,
  };
}

/** How much of a core this process takes until something is over. */
async function percentOfCore(over: Promise<unknown>): Promise<number> {
  const startAt = performance.now();
  const before = process.cpuUsage();
  await over;
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10 / (performance.now() - startAt);
}
