import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { applyRetention, planRetention } from "tidemark";

/*
 * Applies a retention and dies on the way, of a signal that nobody can catch. Each run that goes
 * passes three moments: before it is renamed, before its files go, and when one of them has gone.
 */
const [directory = "", moment = ""] = process.argv.slice(2);
const { rename, rm } = fs;
let passed = 0;

async function pass(): Promise<void> {
  if (passed === Number(moment)) {
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => {});
  }
  passed += 1;
}

fs.rename = async (from, to) => {
  if (String(to).includes(".removed-")) await pass();
  await rename(from, to);
};
fs.rm = async (path, options) => {
  await pass();
  await rm(join(String(path), "data.mdb"));
  await pass();
  await rm(path, options);
};
syncBuiltinESMExports();

await applyRetention(await planRetention({ directory, mode: "snapshot-anchored" }));
