import { readdirSync, readFileSync } from "node:fs";
import type { Attack, Context, Outcome } from "./Attack.ts";
import type { Sample, SoakSettings } from "./programs/soakLoad.ts";
import { ChildProgram } from "./support/ChildProgram.ts";
import { writerPids } from "../test/support/writerPids.ts";
import { Tally } from "./support/Tally.ts";
import { trendOf } from "./support/trendOf.ts";

const SPAN_SECONDS = 10;
/** However short the run is, it is cut into so many samples, where they take a second at least. */
const MIN_SAMPLES = 10;
/** Of fewer samples nothing can be said. */
const MIN_SETTLED = 3;
/** The first samples are of processes that still grow into their work. */
const WARM_UP = 0.25;
/** So many series are judged that one in a few runs would seem to grow at two. */
const SURE_ERRORS = 4;
const MAX_GROWTH_PER_HOUR = 0.01;
/** Below this many samples a slope says nothing; then only gross growth counts. */
const MIN_SAMPLES_FOR_SLOPE = 60;
const MAX_GROSS_GROWTH = 0.3;
const FEW = 10;

/** Hours of ordinary work, looking for whatever grows. */
export const soak: Attack = {
  name: "soak",
  does: "a mixed load with readers for a long time: nothing grows, nothing stalls",
  unit: "spans of 10 s",
  short: 1,
  long: 180,
  missing: () => (process.platform === "linux" ? undefined : "it reads /proc"),
  run: soakFor,
};

type Series = Map<string, number[]>;

async function soakFor(context: Context): Promise<Outcome> {
  const tally = new Tally();
  const lasts = context.count * SPAN_SECONDS;
  const sampleSeconds = Math.max(1, Math.min(SPAN_SECONDS, lasts / MIN_SAMPLES));
  const seconds = lasts + sampleSeconds / 2;
  const settings: SoakSettings = {
    directory: context.folder(),
    seconds,
    sampleSeconds,
    runSeconds: Math.max(7, Math.min(60, seconds / 4)),
  };
  const programs = ["soakLoad", "soakReader"] as const;
  const series = await Promise.all(programs.map((name) => watch(name, settings, tally, context)));
  for (const [index, name] of programs.entries()) {
    judge(name, series[index], { tally, sampleSeconds });
  }
  // What was looked at, not what was asked for.
  const samples = series.map((one) => one.get("heapBytes")?.length ?? 0);
  tally.cases = Math.floor((Math.min(...samples) * sampleSeconds) / SPAN_SECONDS);
  return tally.outcome;
}

/** Runs a program to its end and gives what it held, sample by sample. */
async function watch(
  name: "soakLoad" | "soakReader",
  settings: SoakSettings,
  tally: Tally,
  context: Context,
): Promise<Series> {
  const child = new ChildProgram(name, [JSON.stringify(settings)], {
    flags: ["--expose-gc"],
  });
  const series: Series = new Map();
  let samples = 0;
  for await (const line of child.lines) {
    const [word = "", json = ""] = line.split(/ (.*)/s);
    if (word !== "sample") {
      tally.breach(samples, `${name} said ${line}`);
      continue;
    }
    samples += 1;
    const spans = Math.floor((samples * settings.sampleSeconds) / SPAN_SECONDS);
    if (name === "soakLoad") context.progress(spans);
    const { heapBytes, resources, ...counters } = JSON.parse(json) as Sample;
    for (const [what, value] of Object.entries(outsideOf(child.process.pid ?? 0))) {
      add(series, what, value);
    }
    add(series, "heapBytes", heapBytes);
    add(series, "resources", resources);
    series.set("entries", [counters.entries]);
    series.set("longestCommitMs", [Math.round(counters.longestCommitMs)]);
  }
  const { exit, stderr } = await child.ended;
  if (exit !== 0) tally.breach(samples, `${name} ended by ${exit}: ${stderr}`);
  return series;
}

/** What is counted in ones comes and goes by some of them. */
function grossGrowthOf(values: readonly number[], lastOverFirst: number): number {
  const isFew = Math.max(...values) - Math.min(...values) <= FEW;
  return isFew ? 0 : lastOverFirst - 1 - MAX_GROSS_GROWTH;
}

function add(series: Series, what: string, value: number): void {
  series.set(what, [...(series.get(what) ?? []), value]);
}

/** What the kernel counts for a process and, where it has one, for its writer process. */
function outsideOf(pid: number): Readonly<Record<string, number>> {
  const own = { openFiles: filesOf(pid), maps: mapsOf(pid), rssKib: rssOf(pid) };
  const writer = writerPids(pid)[0];
  // Between two runs there is none.
  return writer === undefined ? own : { ...own, ...writerOf(writer) };
}

function writerOf(pid: number): Readonly<Record<string, number>> {
  try {
    return { writerFiles: filesOf(pid), writerMaps: mapsOf(pid), writerRssKib: rssOf(pid) };
  } catch (error) {
    // Its run ends while it is looked at.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return {};
    throw error;
  }
}

function filesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** All the memory that is there, in KiB: V8 knows of its own alone. */
function rssOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

function mapsOf(pid: number): number {
  return readFileSync(`/proc/${pid}/maps`, "utf8").split("\n").length;
}

function judge(
  name: string,
  series: Series | undefined,
  { tally, sampleSeconds }: { readonly tally: Tally; readonly sampleSeconds: number },
): void {
  for (const [what, values] of series ?? []) {
    if (what === "entries" || what === "longestCommitMs") {
      tally.add(`${name} ${what}`, values[0] ?? 0);
      continue;
    }
    const settled = values.slice(Math.floor(values.length * WARM_UP));
    tally.add(`${name} ${what} at the end`, Math.round(values.at(-1) ?? 0));
    if (settled.length < MIN_SETTLED) {
      tally.add(`${name} ${what} not judged`);
      continue;
    }
    const trend = trendOf(settled);
    const growth =
      settled.length < MIN_SAMPLES_FOR_SLOPE
        ? grossGrowthOf(settled, trend.lastOverFirst)
        : (trend.slope - SURE_ERRORS * trend.slopeError) * (3_600 / sampleSeconds) -
          MAX_GROWTH_PER_HOUR;
    if (growth > 0) {
      tally.breach(values.length, `${name} ${what} grows: ${JSON.stringify(trend)}`);
    }
  }
}
