import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import type { Benchmark, Report } from "./Benchmark.ts";
import { batching } from "./batching.ts";
import { drawCharts } from "./charts/drawCharts.ts";
import { codec } from "./codec.ts";
import { commits } from "./commits.ts";
import { exitOnSignals } from "./exitOnSignals.ts";
import { firstSeconds } from "./firstSeconds.ts";
import { follow } from "./follow.ts";
import { inFolders } from "./inFolders.ts";
import { latency } from "./latency.ts";
import { machineOf } from "./machine.ts";
import { memory } from "./memory.ts";
import { offerCost } from "./offerCost.ts";
import { oneCommit } from "./oneCommit.ts";
import { peers } from "./peers.ts";
import { peersLatency } from "./peersLatency.ts";
import { peersSaturated } from "./peersSaturated.ts";
import { reading } from "./reading.ts";
import { recordedResults, recordResults } from "./recordedResults.ts";
import { machineText, reportText } from "./reportText.ts";
import { runApart } from "./runApart.ts";
import { saturated } from "./saturated.ts";
import { stages } from "./stages.ts";
import { size } from "./size.ts";
import { structure } from "./structure.ts";
import { takeover } from "./takeover.ts";

const BENCHMARKS: readonly Benchmark[] = [
  saturated,
  oneCommit,
  commits,
  latency,
  firstSeconds,
  offerCost,
  batching,
  codec,
  stages,
  follow,
  reading,
  structure,
  memory,
  takeover,
  size,
  peers,
  peersSaturated,
  peersLatency,
];

/** No benchmark takes so long. */
const BENCHMARK_LIMIT_MS = 2 * 60 * 60_000;

const HELP = `npm run bench -- [options]

  --only NAME        one benchmark; can be given more than once
  --rounds N         rounds, each of which runs every variant once; default 5
  --directory PATH   where the disk is measured; default: the system's folder for temporary files
  --sizes N,N        how many million entries the benchmark of that name looks at; default 1,10, and
                     1,10,50 with --record
  --json             one JSON value instead of text
  --record           keep the results in docs/performance/ and draw the charts of all that is kept
  --draw             draw those charts again and measure nothing

${BENCHMARKS.map(({ name, question }) => `  ${name.padEnd(12)} ${question}`).join("\n")}
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: "5" },
    directory: { type: "string", default: tmpdir() },
    sizes: { type: "string" },
    json: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    draw: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const sizes = (values.sizes ?? (values.record ? "1,10,50" : "1,10")).split(",").map(Number);
exitOnSignals();
if (values.help) process.stdout.write(HELP);
else if (values.draw) await drawCharts(recordedResults());
else await main();

/** Whether what was asked for can be done. */
function isSound(): boolean {
  const rounds = Number(values.rounds);
  return (
    values.only.every((only) => BENCHMARKS.some(({ name }) => name === only)) &&
    Number.isSafeInteger(rounds) &&
    rounds >= 1 &&
    sizes.every((size) => size > 0)
  );
}

async function main(): Promise<void> {
  const rounds = Number(values.rounds);
  if (!isSound()) {
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
        : await apart(values.directory, benchmark, rounds);
    results.push({ name: benchmark.name, ...report });
    if (!values.json) process.stdout.write(reportText(benchmark, report));
    // What follows may fail, hours later.
    if (values.record) recordResults([{ name: benchmark.name, ...report, rounds, machine }]);
  }
  if (values.record) await drawCharts(recordedResults());
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, undefined, 2)}\n`);
}

async function apart(directory: string, { name }: Benchmark, rounds: number): Promise<Report> {
  const options = ["--only", name, "--rounds", String(rounds), "--directory", directory, "--json"];
  options.push("--sizes", sizes.join(","));
  const printed = await runApart(import.meta.url, options, BENCHMARK_LIMIT_MS);
  const { results } = printed as { readonly results: readonly Report[] };
  return results[0] as Report;
}

function runIn(directory: string, benchmark: Benchmark, rounds: number): Promise<Report> {
  return inFolders(directory, (folder) => benchmark.run({ rounds, folder, sizes }));
}
