/**
 * Attacks the promises of docs/guarantees.md: npm run torture -- [ATTACK …] [options]
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { attacks } from "./attacks.ts";
import type { Attack, Context, Outcome } from "./Attack.ts";
import { buildWhereStale } from "./support/build.ts";
import { Random } from "./support/Random.ts";
import { recordOf, RESULTS_FILE } from "./support/results.ts";

const HELP = `npm run torture -- [ATTACK …] [options]

  --long             as many cases as a release is judged by; default: as many as CI has time for
  --from N           the first case; default 0
  --count N          how many cases
  --seed N           other dice; default 1
  --directory PATH   the disk under attack; default: the system's folder for temporary files
  --record           append the outcome to ${RESULTS_FILE}

${attacks.map(({ name, does }) => `  ${name.padEnd(10)} ${does}`).join("\n")}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: "boolean", default: false },
    from: { type: "string", default: "0" },
    count: { type: "string" },
    seed: { type: "string", default: "1" },
    directory: { type: "string", default: tmpdir() },
    record: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const numbers = [values.from, values.seed, values.count ?? "1"].map(Number);
const unknown = positionals.find((name) => attacks.every((attack) => attack.name !== name));
if (values.help) process.stdout.write(HELP);
else if (unknown !== undefined || numbers.some((n) => !Number.isSafeInteger(n) || n < 0)) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // By itself a signal ends the process without "exit", where the folders are removed.
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  await buildWhereStale();
  const chosen = attacks.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  for (const attack of chosen) await carryOut(attack);
}

async function carryOut(attack: Attack): Promise<void> {
  const { name, unit } = attack;
  const reason = attack.missing?.();
  if (reason !== undefined) {
    process.stdout.write(`torture:${name} left out: ${reason}\n`);
    return;
  }
  const seed = Number(values.seed);
  const from = Number(values.from);
  const count = Number(values.count ?? (values.long ? attack.long : attack.short));
  const startedAt = performance.now();
  const outcome = await attackIn(attack, { seed, from, count });
  const seconds = (performance.now() - startedAt) / 1_000;
  const counts = Object.entries(outcome.counts).map(([what, times]) => `${what} ${times}`);
  process.stdout.write(
    `torture:${name} --seed ${seed} --from ${from} --count ${count}: ${outcome.cases} ${unit}, ` +
      `${outcome.breaches.length} breaches, ${seconds.toFixed(1)} s (${counts.join(", ")})\n`,
  );
  for (const breach of outcome.breaches.slice(0, 20)) process.stdout.write(`  ${breach}\n`);
  if (outcome.breaches.length > 0) process.exitCode = 1;
  if (values.record) {
    appendFileSync(RESULTS_FILE, `${JSON.stringify(recordOf(name, { seed, from }, outcome))}\n`);
  }
}

async function attackIn(
  attack: Attack,
  { seed, from, count }: { seed: number; from: number; count: number },
): Promise<Outcome> {
  const root = mkdtempSync(join(values.directory, `tidemark-torture-${attack.name}-`));
  const remove = (): void => rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  process.once("exit", remove);
  let folders = 0;
  const context: Context = {
    seed,
    from,
    count,
    dice: (caseNumber) => new Random(seed, caseNumber),
    folder: () => {
      folders += 1;
      const folder = join(root, String(folders));
      mkdirSync(folder);
      return folder;
    },
    progress: (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\rtorture:${attack.name} ${done}/${count} `);
    },
  };
  try {
    return await attack.run(context);
  } finally {
    remove();
    process.off("exit", remove);
    if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
  }
}
