import { setTimeout as delay } from "node:timers/promises";
import { filter, firstValueFrom, noop } from "rxjs";
import type { Writer } from "../src/model/Writer.ts";
import { openWriter } from "../src/streams/openWriter.ts";
import { draftOf } from "./drafts.ts";
import { lmdbBackend } from "./pipelines.ts";

/* Floods one writer with its default options and tells the parent what it did to the memory. */

/** How the source hands its drafts in. */
export type Flood = "submissions" | "submit" | "offer";

/** What the flood did. */
export interface MemoryResult {
  readonly beforeMiB: number;
  readonly peakMiB: number;
  readonly afterMiB: number;
  /** What became of the drafts. */
  readonly ending: string;
}

const DRAFTS = 5_000_000;
const LOOK_EVERY = 10_000;

let peakMiB = 0;

const FLOODS: Readonly<Record<Flood, (writer: Writer) => Promise<void>>> = {
  submissions: async (writer) => {
    for (let turn = 0; turn < DRAFTS; turn++) {
      writer.submissions.next(draftOf(turn));
      look(turn);
    }
  },
  submit: async (writer) => {
    for (let turn = 0; turn < DRAFTS; turn++) {
      void writer.submit(draftOf(turn)).catch(noop);
      look(turn);
    }
  },
  offer: async (writer) => {
    for (let turn = 0; turn < DRAFTS; turn++) {
      while (!writer.offer(draftOf(turn))) {
        const stuckAt = writer.watermark;
        await firstValueFrom(writer.watermark$.pipe(filter((seq) => seq > stuckAt)));
      }
      look(turn);
    }
  },
};

const [flood, folder] = process.argv.slice(2) as [Flood, string];
const { backend, release } = await lmdbBackend(folder);
const writer = openWriter(backend);
const halts: string[] = [];
writer.halt$.subscribe({ next: ({ kind }) => halts.push(kind), error: noop });
const beforeMiB = rssMiB();
await FLOODS[flood](writer);
await writer.abandon();
await delay(500);
look(0);
const halt = halts[0] === undefined ? "no halt" : `halted with ${halts[0]}`;
const result: MemoryResult = {
  beforeMiB,
  peakMiB,
  afterMiB: rssMiB(),
  ending: `${halt}, ${writer.accepted} accepted, ${writer.watermark} durable`,
};
await release().catch(noop);
process.send?.(result, () => process.disconnect());

function look(turn: number): void {
  if (turn % LOOK_EVERY === 0) peakMiB = Math.max(peakMiB, rssMiB());
}

function rssMiB(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
