/**
 * Feeds a file of NDJSON through `tidemark record --topic --type`, verifies the run, reads it back
 * and compares it with the file, line by line.
 *
 * node --conditions=tidemark-source --import tsx scripts/burst.ts [FILE]   (or TIDEMARK_BURST=FILE)
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listRuns, readRun, verifyRun } from "../src/index.ts";
import { restOf, start } from "../test/cli/support/child.ts";

const TOPIC = "market.orders";
const PAYLOAD_TYPE = "OrderEvent";

/** The lines of a file without their ends; blank ones are left out, as `record` leaves them out. */
function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString("latin1").replace(/^ï»¿/, "").split("\n");
  return lines.map((line) => line.replace(/\r$/, "")).filter((line) => !/^[ \t]*$/.test(line));
}

/** Records the file in a process of its own, whose input is written as fast as it is taken. */
async function record(directory: string, file: Buffer): Promise<{ acks: number; ms: number }> {
  const startMs = performance.now();
  const child = start("record", directory, "--ack", "--topic", TOPIC, "--type", PAYLOAD_TYPE);
  child.process.stdin.end(file);
  const acks = await restOf(child.lines);
  const { exit, stderr } = await child.ended;
  if (exit !== 0) throw new Error(`record ended by ${exit}: ${stderr}`);
  return { acks: acks.length, ms: performance.now() - startMs };
}

async function compare(directory: string, lines: readonly string[]): Promise<number> {
  await using reader = await readRun({ directory });
  let position = 0;
  for await (const { payload, seq } of reader.entries({ topics: [TOPIC] })) {
    if (Buffer.from(payload).toString("latin1") !== lines[position]) {
      throw new Error(`Entry ${seq} is not line ${position + 1} of the file`);
    }
    position += 1;
  }
  return position;
}

async function timed<Result>(work: Promise<Result>): Promise<{ result: Result; ms: number }> {
  const startMs = performance.now();
  return { result: await work, ms: performance.now() - startMs };
}

async function burst(path: string): Promise<void> {
  const file = await readFile(path);
  const lines = linesOf(file);
  const directory = await mkdtemp(join(tmpdir(), "tidemark-burst-"));
  try {
    const recorded = await record(directory, file);
    const verified = await timed(verifyRun({ directory }));
    const compared = await timed(compare(directory, lines));
    const [summary] = await listRuns({ directory });
    const perSecond = Math.round((lines.length * 1000) / recorded.ms);
    console.log(`${lines.length} lines, ${file.byteLength} bytes; run ${summary?.sizeBytes} bytes`);
    console.log(
      `record: ${Math.round(recorded.ms)} ms with its start, ${perSecond} lines/s, ${recorded.acks} acknowledged`,
    );
    console.log(`verify: ${Math.round(verified.ms)} ms, clean: ${verified.result.isClean}`);
    console.log(`read back: ${Math.round(compared.ms)} ms, ${compared.result} lines equal`);
    const isWhole = compared.result === lines.length && recorded.acks === lines.length;
    if (!isWhole || !verified.result.isClean) process.exitCode = 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const path = process.argv[2] ?? process.env["TIDEMARK_BURST"];
if (path === undefined) {
  console.log("No file given: burst.ts FILE, or TIDEMARK_BURST=FILE. Nothing was done.");
} else {
  await burst(path);
}
