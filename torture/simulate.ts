import type { Attack, Context, Outcome } from "./Attack.ts";
import { lineOf, linesOf } from "./simulate/describe.ts";
import type { History } from "./simulate/History.ts";
import { objectionsTo } from "./simulate/objectionsTo.ts";
import { play } from "./simulate/play.ts";
import type { Script } from "./simulate/Script.ts";
import { scriptOf } from "./simulate/scriptOf.ts";
import { shrink } from "./simulate/shrink.ts";
import { Tally } from "./support/Tally.ts";

/**
 * Whole lives of writers in virtual time, judged by a model that knows nothing of how they work. A
 * case that fails is told with the smallest script that still does; `--from N --count 1` tells
 * everything of case N.
 */
export const simulate: Attack = {
  name: "simulate",
  does: "random lives of writers in virtual time, judged by a model (simulate/promises)",
  unit: "simulated runs",
  short: 1_000,
  long: 100_000,
  run: attackBySimulation,
};

async function attackBySimulation(context: Context): Promise<Outcome> {
  const { from, count } = context;
  const tally = new Tally();
  for (let n = from; n < from + count; n += 1) {
    const script = scriptOf(context.dice(n));
    const history = await play(script);
    const [objection] = objectionsTo(history);
    if (count === 1) tellAll(script, history);
    if (objection !== undefined) {
      const smallest = await shrink(script, (smaller) => showsToo(smaller, objection));
      tally.breach(n, [objection, ...linesOf(smallest)].join("\n    "));
    }
    tell(history, tally);
    tally.cases += 1;
    context.progress(tally.cases);
  }
  return tally.outcome;
}

/** Whether a script breaks the same promise, at whatever time and for whatever seq. */
async function showsToo(script: Script, objection: string): Promise<boolean> {
  const objections = objectionsTo(await play(script));
  return objections.some((other) => promiseOf(other) === promiseOf(objection));
}

function promiseOf(objection: string): string {
  return objection.replace(/^at .*?: /, "").replaceAll(/\d+/g, "");
}

function tellAll(script: Script, { seen }: History): void {
  const lines = [...linesOf(script), "", ...seen.map(lineOf)];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function tell({ seen }: History, tally: Tally): void {
  let batches = 0;
  let end = "let go";
  for (const now of seen) {
    if (now.kind === "commit") batches += now.commit.batches.length;
    else if (now.kind === "halt") end = `halted by ${now.reason.kind}`;
    else if (now.kind === "closed" && now.status !== undefined) end = "closed";
  }
  tally.add("batches", batches);
  tally.add("entries", seen.at(-1)?.watermark ?? 0);
  tally.add(end);
}
