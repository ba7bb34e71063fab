import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { entryHashOf } from "../src/format/entryHash.ts";
import { openRun } from "../src/runs/openRun.ts";
import { readRun } from "../src/runs/readRun.ts";
import { recoverRuns } from "../src/runs/recoverRuns.ts";
import { verifyRun } from "../src/runs/verifyRun.ts";
import { AskedChild } from "./AskedChild.ts";
import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { draftOf } from "./drafts.ts";
import { figure, interleaved, percentileOf, ratio } from "./harness.ts";
import { recordMany } from "./recordMany.ts";
import type { RecoveryMemory } from "./recoverChild.ts";

const ENTRIES = 1_000_000;
/** One entry in so many carries a key. */
const ENTRIES_PER_KEY = 100;
const KIND = "clientOrderId";
const QUESTIONS = 5_000;
const HASHED = 100_000;

/** What users do with a log afterwards. */
export const reading: Benchmark = {
  name: "reading",
  question:
    "How fast are 1,000,000 entries scanned, verified and recovered, and one of them found?",
  async run({ rounds, folder }: Context) {
    const directory = folder();
    await recorded(directory);
    const crashed = join(folder(), "crashed");
    await cp(directory, crashed, { recursive: true });
    await recoverRuns({ directory });
    const variants = {
      hash: () => hashesPerSecond(),
      scan: () => perSecond(() => scanned(directory)),
      verify: () => perSecond(() => verified(directory)),
      recover: () => inCopy(crashed, folder(), (copy) => perSecond(() => recovered(copy))),
      entryAt: () => medianUs(directory, "entryAt"),
      lookup: () => medianUs(directory, "lookup"),
      edges: () => openingMs(directory, "edges"),
      full: () => openingMs(directory, "full"),
    };
    await interleaved(1, variants);
    const { hash, scan, verify, recover, ...each } = await interleaved(rounds, variants);
    const { memory } = await interleaved(rounds, {
      memory: () => inCopy(crashed, folder(), recoveryMemory),
    });
    return {
      ratios: [ratio("scan / hashing alone, one by one", { of: scan, over: hash }, ">= 0.6")],
      figures: [
        figure("hashing alone, one by one", "entries/s", hash),
        { ...figure("scan: checked, decoded", "entries/s", scan), reach: ">= 800k" },
        { ...figure("verify", "entries/s", verify), reach: ">= 800k" },
        { ...figure("recover", "entries/s", recover), reach: ">= 800k" },
        ...memoryFigures(memory),
        { ...figure("entryAt, median", "us", each.entryAt), reach: "<= 30" },
        { ...figure("lookup, median", "us", each.lookup), reach: "<= 20" },
        figure("open, edges checked", "ms", each.edges),
        { ...figure("open, all checked", "ms", each.full), reach: "<= 50" },
      ],
      notes: NOTES,
    };
  },
};

const NOTES = [
  "Memory: the peaks of whole processes. Some 40 MiB of the one that recovers belong to what compiles",
  "our source as it is loaded; who has installed the package has none of that.",
];

/** A run that was left behind. */
async function recorded(directory: string): Promise<void> {
  const run = await openRun({ directory });
  // With `RunStarted` there are as many as the question says.
  await recordMany(run, ENTRIES - 1, (turn) => {
    const draft = draftOf(turn);
    if (turn % ENTRIES_PER_KEY !== 0) return draft;
    return { ...draft, indexKeys: [{ kind: KIND, key: `O-${1 + turn / ENTRIES_PER_KEY}` }] };
  });
  await run.abandon();
}

export async function perSecond(step: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  const entries = await step();
  return (entries / (performance.now() - startedAt)) * 1e3;
}

export function hashesPerSecond(): number {
  const { topic, payloadType, payload } = draftOf(0);
  const bytes = payload as Uint8Array;
  const entry = { topic, payloadType, payload: bytes, tsInit: 1n, tsPublish: 1n, headers: {} };
  const startedAt = performance.now();
  for (let seq = 1; seq <= HASHED; seq += 1) entryHashOf({ seq, ...entry });
  return (HASHED / (performance.now() - startedAt)) * 1e3;
}

export async function scanned(directory: string): Promise<number> {
  await using reader = await readRun({ directory, check: "edges" });
  let seq = 0;
  for await (const entry of reader.entries()) ({ seq } = entry);
  return seq;
}

async function verified(directory: string): Promise<number> {
  const { entriesScanned, isClean } = await verifyRun({ directory });
  if (!isClean) throw new Error("The run is not clean");
  return entriesScanned;
}

/** Takes a step with a copy, which it may change. */
async function inCopy<Result>(
  directory: string,
  copy: string,
  step: (copy: string) => Promise<Result>,
): Promise<Result> {
  await cp(directory, copy, { recursive: true });
  const result = await step(copy);
  await rm(copy, { recursive: true });
  return result;
}

async function recoveryMemory(directory: string): Promise<RecoveryMemory> {
  const program = new URL("./recoverChild.ts", import.meta.url);
  await using child = new AskedChild(program, [directory]);
  return await child.answer<RecoveryMemory>();
}

/** Both processes together are what a machine must have; peaks of two moments, so at the most. */
function memoryFigures(results: readonly RecoveryMemory[]): readonly Figure[] {
  const before = results.map(({ beforeMiB }) => beforeMiB);
  const own = results.map(({ ownMiB }) => ownMiB);
  const writer = results.map(({ writerMiB }) => writerMiB);
  const both = results.map(({ ownMiB, writerMiB }) => ownMiB + writerMiB);
  return [
    { ...figure("recover: peak of both processes", "MiB RSS", both), reach: "<= 190" },
    figure("recover: peak of the process", "MiB RSS", own),
    figure("recover: peak of its writer process", "MiB RSS", writer),
    figure("recover: the process before it", "MiB RSS", before),
  ];
}

async function recovered(directory: string): Promise<number> {
  const [run] = await recoverRuns({ directory });
  if (run?.status !== "crashed-recovered") throw new Error("The run was not recovered");
  return run.highWatermark;
}

async function medianUs(directory: string, what: "entryAt" | "lookup"): Promise<number> {
  await using reader = await readRun({ directory, check: "edges" });
  const took = new Float64Array(QUESTIONS);
  for (let question = 0; question < QUESTIONS; question += 1) {
    // A step that is prime to both, so that neighbours are far apart.
    const at = (question * 7_919) % (ENTRIES / ENTRIES_PER_KEY - 1);
    const startedAt = performance.now();
    if (what === "entryAt") await reader.entryAt(1 + at * ENTRIES_PER_KEY);
    else await reader.lookup(KIND, `O-${at + 1}`);
    took[question] = performance.now() - startedAt;
  }
  return percentileOf(took.toSorted(), 0.5) * 1e3;
}

async function openingMs(directory: string, check: "edges" | "full"): Promise<number> {
  const startedAt = performance.now();
  await using _ = await readRun({ directory, check });
  return performance.now() - startedAt;
}
