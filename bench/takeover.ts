import { AskedChild } from "./AskedChild.ts";
import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { figure, interleaved, percentileOf } from "./harness.ts";
import { sharedNowMs } from "./sharedNowMs.ts";
import type { HolderReady } from "./takeoverHolderChild.ts";
import type { TakeoverQuestion, TakenOver } from "./takeoverAskerChild.ts";
import type { LeaseKind } from "./useLease.ts";

/** With five rounds, as usual: fifty. */
const TAKEOVERS_PER_ROUND = 10;

/** What one takeover took, milliseconds from the kill on. */
interface Takeover {
  readonly leasedMs: number;
  readonly openedMs: number;
}

/** A process that records is killed; another one, which asks again and again, goes on. */
export const takeover: Benchmark = {
  name: "takeover",
  question: "How long after a kill -9 has another process the lease, and its own run open?",
  async run({ rounds, folder }: Context) {
    await using socket = askerWith("socket");
    await using file = askerWith("file");
    const rounded = await interleaved(rounds, {
      socket: () => takeovers(socket, "socket", folder),
      file: () => takeovers(file, "file", folder),
    });
    return {
      ratios: [],
      figures: (["socket", "file"] as const).flatMap((kind) =>
        figuresOf(kind, rounded[kind].flat()),
      ),
      notes: NOTES,
    };
  },
};

const NOTES = [
  "The holder appends one entry after the other when it is killed. Whoever takes over asks without a",
  "pause, in a process that is there already. To open a run it seals what the holder has left: two",
  "writer processes are started for that. With few rounds, p99 is the longest.",
];

function askerWith(kind: LeaseKind): AskedChild {
  return new AskedChild(new URL("./takeoverAskerChild.ts", import.meta.url), [kind]);
}

async function takeovers(
  asker: AskedChild,
  kind: LeaseKind,
  folder: () => string,
): Promise<readonly Takeover[]> {
  const results: Takeover[] = [];
  for (let turn = 0; turn < TAKEOVERS_PER_ROUND; turn += 1) {
    results.push(await takeoverIn(folder(), asker, kind));
  }
  return results;
}

async function takeoverIn(
  directory: string,
  asker: AskedChild,
  kind: LeaseKind,
): Promise<Takeover> {
  await using holder = new AskedChild(new URL("./takeoverHolderChild.ts", import.meta.url), [
    directory,
    kind,
  ]);
  const { pid } = await holder.answer<HolderReady>();
  await asker.ask<"asking">({ directory } satisfies TakeoverQuestion);
  const takenOver = asker.answer<TakenOver>();
  const killedAt = sharedNowMs();
  process.kill(pid, "SIGKILL");
  const { leasedAt, openedAt } = await takenOver;
  return { leasedMs: leasedAt - killedAt, openedMs: openedAt - killedAt };
}

function figuresOf(kind: LeaseKind, results: readonly Takeover[]): readonly Figure[] {
  const leased = Float64Array.from(results, ({ leasedMs }) => leasedMs).toSorted();
  const opened = Float64Array.from(results, ({ openedMs }) => openedMs).toSorted();
  return [
    { ...figure(`${kind}: to the lease, median`, "ms", leased), reach: "<= 100" },
    {
      ...figure(`${kind}: to the lease, p99`, "ms", [percentileOf(leased, 0.99)]),
      reach: "<= 100",
    },
    figure(`${kind}: to the run, open, median`, "ms", opened),
    figure(`${kind}: to the run, open, p99`, "ms", [percentileOf(opened, 0.99)]),
  ];
}
