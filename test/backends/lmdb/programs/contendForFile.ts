// Tries for the lock file of each line it reads and says whether it holds it; at "release" lets go.
import { createInterface } from "node:readline";
import { holdFile } from "../../../../src/backends/lmdb/fileLease.ts";
import type { HeldLease } from "../../../../src/backends/lmdb/LeaseHolder.ts";

let held: HeldLease | undefined;
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "release") {
    await held?.release();
    held = undefined;
    console.log("released");
    continue;
  }
  const attempt = await holdFile(line);
  if ("held" in attempt) ({ held } = attempt);
  console.log("held" in attempt ? "held" : "refused");
}
