// Does what a user does: packs, installs into an empty folder, imports every entry, runs a run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const program = `
import { openRun, readRun } from "tidemark";
import { bufferTimeOrCount, capture, record } from "tidemark/operators";
import { memoryRun } from "tidemark/testing";
import { createRequire } from "node:module";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import * as all from "tidemark";

const run = await openRun({ directory: "./runs" });
await run.append({ topic: "exec.command", payloadType: "SubmitOrder", payload: "{}" });
const { highWatermark } = await run.close();
const reader = await readRun({ directory: "./runs" });
let entries = 0;
for await (const _ of reader.entries()) entries += 1;
await reader.close();
const errors = Object.entries(all).filter(([, value]) => value.prototype instanceof Error);
const misnamed = errors.filter(([name, value]) => value.name !== name);
if (errors.length === 0 || misnamed.length > 0) throw new Error("Errors: " + misnamed.join());
const thread = new Worker("./node_modules/tidemark/dist/proofProgram.js");
thread.postMessage({ memory: new Uint8Array(8), lengths: [] });
const [{ areProven }] = await once(thread, "message");
await thread.terminate();
const required = createRequire(import.meta.url)("tidemark");
const ok = [bufferTimeOrCount, capture, record, memoryRun, required.openRun, areProven].every(Boolean);
console.log(JSON.stringify({ highWatermark, entries, ok }));
`;

const PROGRAMS = ["writerProgram.js", "proofProgram.js", "verifyChild.js"];

const folder = mkdtempSync(path.join(tmpdir(), "tidemark-packed-"));
try {
  const npm = (...args: string[]): string =>
    execFileSync("npm", args, { cwd: folder, encoding: "utf8" });
  const root = process.cwd();
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
  }).trim();
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
  npm("install", "--silent", "--no-save", `./${packed}`, "rxjs@7.8.2");
  checkNeighbours(path.join(folder, "node_modules/tidemark/dist"));
  writeFileSync(path.join(folder, "program.mjs"), program);
  const node = (...args: string[]): string =>
    execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).trim();
  const printed = node("program.mjs");
  const expected = JSON.stringify({ highWatermark: 3, entries: 3, ok: true });
  if (printed !== expected) throw new Error(`Expected ${expected}, got ${printed}`);
  const verified = npm("exec", "--", "tidemark", "verify", "--directory", "runs", "--json");
  if (!JSON.parse(verified).isClean) throw new Error(verified);
  console.log(`${packed}: installs, imports, records, reads and verifies`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Programs are started by names that no import shows: each must lie beside who starts it. */
function checkNeighbours(dist: string): void {
  const files = readdirSync(dist).filter((name) => name.endsWith(".js"));
  const named = files.flatMap((file) => {
    const text = readFileSync(path.join(dist, file), "utf8");
    return Array.from(text.matchAll(/"\.\/([\w-]+\.js)"/g), ([, name = ""]) => name);
  });
  const missing = [...named, ...PROGRAMS].filter((name) => !existsSync(path.join(dist, name)));
  if (missing.length > 0) throw new Error(`Not in the package: ${missing.join(", ")}`);
}
