/**
 * Feeds a file of NDJSON through `tidemark record --topic --type`, verifies the run, reads it back
 * and compares it with the file, line by line.
 *
 * node --conditions=tidemark-source --import tsx scripts/burst.ts [FILE]   (or TIDEMARK_BURST=FILE)
 */
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { listRuns, readRun, verifyRun } from "../src/index.ts";
import { restOf, start } from "../test/cli/support/child.ts";

const TOPIC = "market.orders";
const NEW_LINE = 0x0a;

/** The lines of a file without their ends; blank ones are left out, as `record` leaves them out. */
async function linesOf(path: string): Promise<Buffer[]> {
  const bytes = await readFile(path);
  const lines: Buffer[] = [];
  let start_ = 0;
  while (start_ < bytes.byteLength) {
    const end = bytes.indexOf(NEW_LINE, start_);
    const line = bytes.subarray(start_, end === -1 ? undefined : end);
    start_ = end === -1 ? bytes.byteLength : end + 1;
    if (line.toString().trim() !== "") lines.push(line);
  }
  return lines;
}
