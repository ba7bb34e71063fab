import { constants } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { AskedChild } from "./AskedChild.ts";
import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { figure, interleaved, ratio } from "./harness.ts";
import type { SizeTask, TaskResult } from "./sizeReaderChild.ts";
import type { Grown } from "./sizeRecorderChild.ts";

const COMMITS = 200;
const MILLION = 1e6;

/** What is shown of each size, and of the largest against the smallest. */
const OPERATIONS = {
  commit: { what: "commit of 100", unit: "ms" },
  grow: { what: "saturated, growing to it", unit: "entries/s" },
  successor: { what: "openRun behind it", unit: "ms" },
  edges: { what: "readRun, edges checked", unit: "ms" },
  lookup: { what: "lookup of a key", unit: "us" },
  entryAt: { what: "entryAt", unit: "us" },
  recorderMemory: { what: "memory: recorder", unit: "MiB" },
  writerMemory: { what: "memory: writer process", unit: "MiB" },
  readerMemory: { what: "memory: reader", unit: "MiB" },
  checkMemory: { what: "memory: full check", unit: "MiB" },
  check: { what: "readRun, all checked (linear)", unit: "ms" },
  recovery: { what: "openRun after a crash (linear)", unit: "ms" },
} as const;

type Operation = keyof typeof OPERATIONS;
type Measured = Readonly<Record<Operation, readonly number[]>>;

/** What does not change by a factor of ten in size, or hardly, and what does. */
export const size: Benchmark = {
  name: "size",
  question: "What does it cost that a run has grown: 256 B payloads, one entry in 100 with a key?",
  async run(context: Context) {
    const directory = context.folder();
    await using recorder = new AskedChild(new URL("./sizeRecorderChild.ts", import.meta.url), [
      directory,
    ]);
    const all: (readonly [number, Measured])[] = [];
    for (const millions of context.sizes.toSorted((a, b) => a - b)) {
      all.push([millions, await measuredAt(millions * MILLION, { context, directory, recorder })]);
    }
    return { ratios: ratiosOf(all), figures: figuresOf(all), notes: NOTES };
  },
};

const NOTES = [
  "One run that grows in place; each reading is a fresh process, the file is in the page cache.",
  "Keys are scattered over the index. A crashed run is read as a whole before it is sealed: linear.",
  "Memory: the peak of a whole process of Node; of the writer process what it has at the end,",
  "without the pages of the file, which the kernel lends it and takes back.",
];

interface Subject {
  readonly context: Context;
  readonly directory: string;
  readonly recorder: AskedChild;
}

async function measuredAt(entries: number, subject: Subject): Promise<Measured> {
  const { context, directory, recorder } = subject;
  const grown = await recorder.ask<Grown>({ growTo: entries });
  const read = (task: SizeTask) => () => resultOf(directory, task, entries);
  const { commit, edges, lookup, entryAt, full } = await interleaved(context.rounds, {
    commit: () => recorder.ask<TaskResult>({ commits: COMMITS }),
    edges: read("edges"),
    lookup: read("lookup"),
    entryAt: read("entryAt"),
    full: read("full"),
  });
  return {
    commit: msOf(commit),
    grow: [grown.entriesPerSecond],
    edges: msOf(edges),
    lookup: usOf(lookup),
    entryAt: usOf(entryAt),
    readerMemory: peaksOf(entryAt),
    recorderMemory: peaksOf(commit),
    writerMemory: [grown.writerMiB],
    check: msOf(full),
    checkMemory: peaksOf(full),
    ...(await openedBehind(entries, subject)),
  };
}

/**
 * Opens runs behind a copy: first behind the crash that the copy is an image of, then behind what is
 * sealed by now. The original goes on growing.
 */
async function openedBehind(
  entries: number,
  { context, directory }: Subject,
): Promise<Pick<Measured, "recovery" | "successor">> {
  const copy = join(context.folder(), "copy");
  await cp(directory, copy, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    // LMDB's table of who is at work: not part of what a crash leaves behind.
    filter: (path) => basename(path) !== "lock.mdb",
  });
  const recovery = await resultOf(copy, "openRun", entries);
  const { successor } = await interleaved(context.rounds, {
    successor: () => resultOf(copy, "openRun", entries),
  });
  await rm(copy, { recursive: true });
  return { recovery: msOf([recovery]), successor: msOf(successor) };
}

async function resultOf(directory: string, task: SizeTask, entries: number): Promise<TaskResult> {
  const program = new URL("./sizeReaderChild.ts", import.meta.url);
  await using child = new AskedChild(program, [directory, task, String(entries)]);
  return await child.answer<TaskResult>();
}

function msOf(results: readonly TaskResult[]): readonly number[] {
  return results.map(({ ms }) => ms);
}

function usOf(results: readonly TaskResult[]): readonly number[] {
  return results.map(({ ms }) => ms * 1e3);
}

function peaksOf(results: readonly TaskResult[]): readonly number[] {
  return results.map(({ peakMiB }) => peakMiB);
}

function figuresOf(all: readonly (readonly [number, Measured])[]): readonly Figure[] {
  const figures = (Object.keys(OPERATIONS) as Operation[]).flatMap((operation) =>
    all.map(([millions, measured]) => {
      const { what, unit } = OPERATIONS[operation];
      return {
        ...figure(`${millions} M: ${what}`, unit, measured[operation]),
        labels: { chart: "size" as const, operation: what, entries: millions * MILLION },
      };
    }),
  );
  // Not every system tells what memory a process has.
  return figures.filter(({ median }) => !Number.isNaN(median));
}

/** The largest over the smallest, where there are two. */
function ratiosOf(all: readonly (readonly [number, Measured])[]): readonly Figure[] {
  const [smallest, largest] = [all[0], all.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) return [];
  return (Object.keys(OPERATIONS) as Operation[]).map((operation) =>
    ratio(`${OPERATIONS[operation].what}: ${largest[0]} M / ${smallest[0]} M`, {
      of: largest[1][operation],
      over: smallest[1][operation],
    }),
  );
}
