/**
 * Writes a run that is then damaged: of every kind of row and page, in the same transactions each
 * time. Stops on its way and at its end for a line on standard input:
 *
 *   open {runId}   paused N   ready N   closed N       N is the watermark
 *
 * node torture/dist/subject.js '{"directory": …, …}'
 */
import { createInterface } from "node:readline";
import { openRun } from "tidemark";
import { draftOf, IDENTITY } from "../damage/drafts.ts";

export interface SubjectSettings {
  readonly directory: string;
  /** When the run starts, nanoseconds since the Unix epoch, as digits. */
  readonly startNs: string;
  readonly parentRunId?: string;
  /** Transactions, and of how many entries the largest is. */
  readonly transactions: number;
  readonly maxEntries: number;
  /** After which transactions it stops for a line. */
  readonly pauses: readonly number[];
  /** Whether it closes the run; else it waits to be killed. */
  readonly closes: boolean;
}

const settings = JSON.parse(process.argv[2] ?? "{}") as SubjectSettings;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let now = BigInt(settings.startNs);

const run = await openRun({
  directory: settings.directory,
  identity: IDENTITY,
  clock: { now: () => (now += 1_000n) },
  writer: { maxBatchEntries: settings.maxEntries, maxBatchBytes: 2 ** 20 },
  ...(settings.parentRunId === undefined ? {} : { parentRunId: settings.parentRunId }),
});
console.log(`open ${JSON.stringify({ runId: run.runId })}`);
for (let n = 1; n <= settings.transactions; n += 1) {
  await writeTransaction(1 + ((n * 7) % settings.maxEntries));
  if (n % 10 === 0)
    await run.recordSnapshotAnchor({ blobRef: `blob-${n}`, contentHash: "blake3:00" });
  if (settings.pauses.includes(n)) await stop("paused");
}
if (settings.closes) await run.close();
await stop(settings.closes ? "closed" : "ready");
process.stdin.destroy();

async function writeTransaction(entries: number): Promise<void> {
  const first = run.accepted + 1;
  const drafts = Array.from({ length: entries }, (_, at) => draftOf(run.runId, first + at));
  await Promise.all(drafts.map((draft) => run.append(draft)));
}

async function stop(where: string): Promise<void> {
  console.log(`${where} ${run.watermark}`);
  await lines.next();
}
