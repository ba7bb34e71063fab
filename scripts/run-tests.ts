// Runs the suite in parts, as many at a time as there are processors; what each part says comes as a
// whole when it ends, and at the very end if it fails: npm test [-- PATTERN], or under another Node
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";

const UVU = ["--conditions=tidemark-source", "--import", "tsx", "node_modules/uvu/bin.js", "test"];

/** Some files take a hundred times as long as others: small parts end together. */
const PARTS = 5 * availableParallelism();

const pattern = new RegExp(process.argv[2] ?? "");
const files = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && pattern.test(file))
  .toSorted();
const parts = Array.from({ length: Math.min(files.length, PARTS) }, (_, part) =>
  files.filter((_file, index) => index % PARTS === part),
);
if (parts.length === 0) throw new Error(`No test file matches ${pattern.source}`);
const failed: Ran[] = [];
await Promise.all(Array.from({ length: availableParallelism() }, runNext));
for (const { said } of failed) process.stdout.write(said);
if (failed.length > 0) process.exitCode = 1;

/** What a part has said, and how it ended. */
interface Ran {
  readonly said: Buffer;
  readonly exitCode: number | null;
}

async function runNext(): Promise<void> {
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const ran = await run(part);
    if (ran.exitCode === 0) process.stdout.write(ran.said);
    else failed.push(ran);
  }
}

async function run(part: readonly string[]): Promise<Ran> {
  const names = part.map((file) => file.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const args = [...UVU, `^(${names.join("|")})$`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (chunk: Buffer) => said.push(chunk));
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { said: Buffer.concat(said), exitCode };
}
