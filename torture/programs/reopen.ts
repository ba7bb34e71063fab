/**
 * Opens the instance of each directory that it is told, one a line, which recovers what is there,
 * records an entry and closes. Says `reopened {status}` or `failed {code, message}` for each.
 *
 * node torture/dist/reopen.js
 */
import { createInterface } from "node:readline";
import { writeSync } from "node:fs";
import { openRun } from "tidemark";

for await (const directory of createInterface({ input: process.stdin })) {
  writeSync(1, `${await reopen(directory)}\n`);
}

async function reopen(directory: string): Promise<string> {
  try {
    const run = await openRun({ directory });
    await run.append({ topic: "torture.entry", payloadType: "Entry", payload: "" });
    const { status } = await run.close();
    return `reopened ${status}`;
  } catch (failure) {
    const { code, message } = failure as NodeJS.ErrnoException;
    return `failed ${code} ${message}`;
  }
}
