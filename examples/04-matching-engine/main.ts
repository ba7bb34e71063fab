// A matching engine behind the write-ahead gate: a session is recorded, then rebuilt from its log.
// Run it: npm start -- [--orders 50000] [--seed 42] [--directory ./runs]
import { parseArgs } from "node:util";
import { OrderBook } from "nodejs-order-book";
import { lastValueFrom, ReplaySubject } from "rxjs";
import { listRuns, openRun, TidemarkError, verifyRun } from "tidemark";
import { grouped, runsTable, showProgress, summaryTable } from "./display.ts";
import { stateOf } from "./engine.ts";
import { orderFlow } from "./orderFlow.ts";
import { rebuild } from "./rebuild.ts";
import { session$ } from "./session.ts";

const { values } = parseArgs({
  options: {
    directory: { type: "string", default: "./runs" },
    orders: { type: "string", default: "50000" },
    seed: { type: "string", default: "42" },
  },
});

async function main(directory: string, orders: number, seed: number): Promise<void> {
  // The first Ctrl-C ends the session, however early it comes; a second one ends the process.
  const stop$ = new ReplaySubject<void>(1);
  process.once("SIGINT", () => stop$.next());

  const run = await openRun({ directory, identity: { seed: BigInt(seed) } });
  const runs = await listRuns({ directory });
  const earlier = runs.filter(({ manifest }) => manifest.runId !== run.runId);
  if (earlier.length > 0) console.log(`earlier runs in ${directory}\n${runsTable(earlier)}\n`);
  for (const { runId, status } of run.recovered) {
    console.log(`run ${runId} was never closed: it is sealed as ${status} now\n`);
  }

  console.log(
    `recording ${grouped(orders)} commands of seed ${seed}; Ctrl-C ends the session early`,
  );
  const book = new OrderBook();
  const durableMs: number[] = [];
  const startedAt = performance.now();
  showProgress(run);
  const session = session$({
    run,
    book,
    commands: orderFlow(seed, orders),
    stop$,
    onDurable: (ms) => durableMs.push(ms),
  });
  await lastValueFrom(session, { defaultValue: undefined });
  const manifest = await run.close();
  const seconds = (performance.now() - startedAt) / 1_000;

  // From here on nothing counts but what is in the log.
  const address = { directory, runId: run.runId };
  const report = await verifyRun(address);
  const rebuilt = await rebuild(address);
  const booksAgree = stateOf(rebuilt.book) === stateOf(book);

  durableMs.sort((a, b) => a - b);
  const quantile = (share: number): string =>
    (durableMs[Math.floor(durableMs.length * share)] ?? 0).toFixed(1);
  const summary = summaryTable({
    run: run.runId,
    status: manifest.status,
    commands: grouped(durableMs.length),
    entries: grouped(report.entriesScanned),
    watermark: grouped(run.watermark),
    rate: `${grouped(run.watermark / seconds)} entries/s`,
    durable: `${quantile(0.5)} ms after submission in the median, ${quantile(0.99)} ms at p99`,
    verify: report.isClean ? "clean" : `${report.findingCount} findings`,
    "rebuilt events": rebuilt.eventsAgree
      ? "equal the logged events"
      : "DIFFER from the logged events",
    "rebuilt book": booksAgree
      ? `equals the live book, ${book.depth().flat().length} price levels`
      : "DIFFERS from the live book",
  });
  console.log(`\n${summary}`);
  if (!report.isClean || !rebuilt.eventsAgree || !booksAgree) process.exitCode = 1;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`Expected a whole number, got ${text}`);
  return Number(text);
}

try {
  await main(values.directory, wholeNumber(values.orders), wholeNumber(values.seed));
} catch (error) {
  // Such as TIDEMARK_LOCKED: another session is recording into this directory.
  if (!(error instanceof TidemarkError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
