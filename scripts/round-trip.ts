// Records lines and exports them again, each through pipes in a process of its own, and compares:
//   npm run check:round-trip [-- LINES]
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { start } from "../test/cli/support/child.ts";
import { betfairLines, futuresLines } from "../test/cli/support/marketLines.ts";

const count = Number(process.argv[2] ?? "100000");
const SETS = [
  {
    name: "betfair-like",
    lines: () => betfairLines(count),
    record: ["--topic", "md.betfair", "--type", "mcm"],
    export: ["--format", "payload"],
  },
  { name: "futures-like", lines: () => futuresLines(count), record: [], export: [] },
];

async function digestOf(lines: AsyncIterable<string> | Iterable<string>): Promise<string> {
  const digest = createHash("sha256");
  for await (const line of lines) digest.update(`${line}\n`);
  return digest.digest("hex");
}

function* ended(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

for (const set of SETS) {
  const directory = await mkdtemp(join(tmpdir(), "tidemark-round-trip-"));
  const startMs = performance.now();
  const recorder = start("record", directory, ...set.record);
  Readable.from(ended(set.lines())).pipe(recorder.process.stdin);
  const recorded = await recorder.ended;
  const recordedMs = performance.now();
  const exporter = start("export", "--directory", directory, ...set.export);
  const digest = await digestOf({ [Symbol.asyncIterator]: () => exporter.lines });
  const exported = await exporter.ended;
  const isSame = digest === (await digestOf(set.lines()));
  const [recordMs, exportMs] = [recordedMs - startMs, performance.now() - recordedMs];
  console.log(
    `${set.name}: ${count} lines ${isSame ? "equal" : "DIFFER"}; ` +
      `record ${Math.round(recordMs)} ms, export ${Math.round(exportMs)} ms`,
  );
  if (!isSame || recorded.exit !== 0 || exported.exit !== 0) {
    console.error(recorded, exported);
    process.exitCode = 1;
  }
  await rm(directory, { recursive: true, force: true });
}
