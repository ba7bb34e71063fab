import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Benchmark, Context, Report } from "./Benchmark.ts";
import { batching } from "./batching.ts";
import { codec } from "./codec.ts";
import { commits } from "./commits.ts";
import { follow } from "./follow.ts";
import { latency } from "./latency.ts";
import { machineOf } from "./machine.ts";
import { memory } from "./memory.ts";
import { offerCost } from "./offerCost.ts";
import { oneCommit } from "./oneCommit.ts";
import { reading } from "./reading.ts";
import { machineText, reportText } from "./reportText.ts";
import { saturated } from "./saturated.ts";

const BENCHMARKS: readonly Benchmark[] = [
  saturated,
  oneCommit,
  commits,
  latency,
  offerCost,
  batching,
  codec,
  follow,
  reading,
  memory,
];

const HELP = `npm run bench -- [options]

  --only NAME        one benchmark; can be given more than once
  --rounds N         rounds, each of which runs every variant once; default 5
  --directory PATH   where the disk is measured; default: the system's folder for temporary files
  --json             one JSON value instead of text

${BENCHMARKS.map(({ name, question }) => `  ${name.padEnd(12)} ${question}`).join("\n")}
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: "5" },
    directory: { type: "string", default: tmpdir() },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const rounds = Number(values.rounds);
  const unknown = values.only.find((only) => !BENCHMARKS.some(({ name }) => name === only));
  if (unknown !== undefined || !Number.isSafeInteger(rounds) || rounds < 1) {
    process.stderr.write(HELP);
    process.exitCode = 2;
    return;
  }
  const machine = machineOf(values.directory);
  if (!values.json) process.stdout.write(machineText(machine));
  const results: (Report & { readonly name: string })[] = [];
  const chosen = BENCHMARKS.filter(
    ({ name }) => values.only.length === 0 || values.only.includes(name),
  );
  for (const benchmark of chosen) {
    const report =
      chosen.length === 1
        ? await runIn(values.directory, benchmark, rounds)
        : runApart(values.directory, benchmark, rounds);
    results.push({ name: benchmark.name, ...report });
    if (!values.json) process.stdout.write(reportText(benchmark, report));
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, undefined, 2)}\n`);
}

/** In a process of its own: what ran before would have taught the compiler other shapes. */
function runApart(directory: string, { name }: Benchmark, rounds: number): Report {
  const options = ["--only", name, "--rounds", String(rounds), "--directory", directory, "--json"];
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...options];
  const printed = execFileSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { results } = JSON.parse(printed) as { readonly results: readonly Report[] };
  return results[0] as Report;
}

async function runIn(directory: string, benchmark: Benchmark, rounds: number): Promise<Report> {
  const root = mkdtempSync(join(directory, "tidemark-bench-"));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  // An error that nobody catches skips every finally.
  process.once("exit", remove);
  let folders = 0;
  const folder: Context["folder"] = () => {
    folders += 1;
    const fresh = join(root, String(folders));
    mkdirSync(fresh);
    return fresh;
  };
  try {
    return await benchmark.run({ rounds, folder });
  } finally {
    remove();
    process.off("exit", remove);
  }
}
