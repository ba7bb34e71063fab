import type { Tally } from "../support/Tally.ts";
import { growthOf, type Growth, type GrowthLimits, type Sampling } from "./growthOf.ts";

/** What is asked of a series. */
interface Limits extends GrowthLimits {
  /** What half an hour cannot show to grow slower than this is a breach, too. */
  readonly shownPerHour: number;
}

const USUAL: Limits = { perHour: 0.01, shownPerHour: 0.5, gross: 0.3 };
/**
 * For more than half an hour V8 goes on to compile, and keeps what it has compiled and what it has learnt
 * on the way; frames that are kept to be used again add some. A tenth of it an hour are 4 bytes of each
 * commit, less than whatever could leak there. What leaks with each run shows from some 20 KB on.
 */
const HEAP: Limits = { perHour: 0.1, shownPerHour: 0.5, gross: 0.3 };
/**
 * How much malloc keeps of what it was given back is its own affair. On a machine that is busy a process
 * still starts when the first seconds are over.
 */
const MEMORY: Limits = { perHour: 0.25, shownPerHour: 0.6, gross: 2 };
/**
 * Nobody can tell the writer process to collect its garbage: V8 does it after some 30 000 commits, and
 * takes more memory until then. Still, half of it an hour is some 100 bytes of each commit.
 */
const WRITER_MEMORY: Limits = { perHour: 0.5, shownPerHour: 1, gross: 1 };
/** Smaller batches, as a machine that is less busy makes them, take more of a page each. */
const FILE: Limits = { perHour: 0.1, shownPerHour: 0.6, gross: 0.3 };
/** Mostly V8's own pieces of memory, of which it takes some more at first. */
const MAPS: Limits = { ...USUAL, gross: 1 };

const LIMITS: Readonly<Record<string, Limits>> = {
  heapBytes: HEAP,
  maps: MAPS,
  memoryKib: MEMORY,
  writerMemoryKib: WRITER_MEMORY,
  writerMaps: WRITER_MEMORY,
  fileBytesPerEntry: FILE,
};

const SERIES: Readonly<Record<Growth["verdict"], string>> = {
  flat: "series that are flat",
  grows: "series that grow",
  open: "series not shown to be flat",
};

/** What a process held, by name, sample by sample. */
export type Series = ReadonlyMap<string, readonly number[]>;

/** How a soak is judged. */
export interface GrowthRules {
  readonly sampling: Sampling;
  /** Whether it was long enough that what it cannot show is a breach, too. */
  readonly mustShow: boolean;
}

/** Judges each series of a process: what grows, what is flat, and what that cannot be said of. */
export function judgeGrowth(
  name: string,
  series: Series,
  tally: Tally,
  { sampling, mustShow }: GrowthRules,
): void {
  for (const [what, values] of series) {
    const limits = LIMITS[what] ?? USUAL;
    const growth = growthOf(values, sampling, limits);
    count(`${name}: ${what}`, growth, tally);
    const isOpen = mustShow && growth.verdict === "open";
    const mayGrow = isOpen && growth.mostPerHour > limits.shownPerHour;
    if (growth.verdict === "grows" || mayGrow) {
      const does = mayGrow ? "may grow" : "grows";
      tally.breach(values.length, `${name}: ${what} ${does}, ${textOf(growth)}`);
    }
  }
}

function count(title: string, growth: Growth, tally: Tally): void {
  const { verdict, mostPerHour } = growth;
  tally.add(SERIES[verdict]);
  if (verdict === "open" && isKnown(growth)) {
    tally.add(`${title} grows in % an hour at most`, percentOf(mostPerHour));
  }
}

function isKnown({ mostPerHour }: Growth): boolean {
  return Number.isFinite(mostPerHour);
}

function textOf(growth: Growth): string {
  const { leastPerHour, mostPerHour } = growth;
  if (!isKnown(growth)) return "by how much an hour is not known";
  return `${percentOf(leastPerHour)} to ${percentOf(mostPerHour)} % an hour`;
}

function percentOf(share: number): number {
  return Math.ceil(share * 1_000) / 10;
}
