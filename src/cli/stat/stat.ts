import type { RunLog } from "../../backends/Backend.ts";
import { InvalidConfigError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import { checkHead } from "../../runs/headProblem.ts";
import { closed } from "../../runs/openLog.ts";
import { locate } from "../../runs/readRun.ts";
import type { CommandContext } from "../CommandContext.ts";
import type { ExitCode } from "../exitCodes.ts";
import { jsonOf } from "../jsonOf.ts";
import { ENTRIES_FORMAT, progressOn } from "../progress.ts";
import { checkOperands, runAddressOf, type RunOptions } from "../runAddress.ts";
import { checkedFrames } from "./checkedFrames.ts";
import { PageFile } from "./PageFile.ts";
import { RunStatistics, type Statistics } from "./RunStatistics.ts";
import { statText } from "./statText.ts";

/** The options of `stat`. */
export interface StatOptions extends RunOptions {
  readonly plot?: boolean;
  readonly html?: string;
  readonly force?: boolean;
  readonly top?: number;
  readonly json?: boolean;
}

/** What a run is and what it holds. */
export interface RunFacts extends Statistics {
  readonly manifest: RunManifest;
}

/** How many topics and types are shown by name. */
const DEFAULT_TOP = 20;

/** Tells what a run holds, in numbers, and draws it where asked to. */
export async function stat(
  operands: readonly string[],
  options: StatOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  checkOperands(rest, 0);
  checkOptions(options);
  const page = await pageFileOf(options);
  const { catalog, instanceId, runId } = await locate(address);
  const log = await catalog.read(instanceId, runId);
  try {
    await checkHead(log);
    const facts = { manifest: log.manifest, ...(await statisticsOf(log, context)) };
    await tell(facts, options, context);
    if (page !== undefined) await writePage(page, facts, options, context);
  } finally {
    await closed(log);
  }
  return 0;
}

async function statisticsOf(log: RunLog, context: CommandContext): Promise<Statistics> {
  const statistics = new RunStatistics();
  const progress = await progressOn(context, ENTRIES_FORMAT);
  try {
    for await (const frame of checkedFrames(log)) {
      statistics.add(frame);
      progress.update(frame.header.toSeq, log.watermark);
    }
  } finally {
    progress.stop();
  }
  return statistics.statistics();
}

async function tell(facts: RunFacts, options: StatOptions, context: CommandContext): Promise<void> {
  const { stdout } = context;
  const { top = DEFAULT_TOP } = options;
  if (options.json === true) stdout.write(`${jsonOf(facts)}\n`);
  else stdout.write(await statText(facts, top, context));
  if (options.plot === true) {
    const { statPlot } = await import("./statPlot.ts");
    stdout.write(await statPlot(facts, context));
  }
}

/** Before a long run is read, and not after it. */
async function pageFileOf({ html, force = false }: StatOptions): Promise<PageFile | undefined> {
  if (html === undefined) return undefined;
  const page = new PageFile(html, force);
  await page.check();
  return page;
}

async function writePage(
  page: PageFile,
  facts: RunFacts,
  { top = DEFAULT_TOP }: StatOptions,
  { stderr }: CommandContext,
): Promise<void> {
  const { statPage } = await import("./statPage.ts");
  await page.write(await statPage(facts, top));
  stderr.write(`tidemark: wrote ${page.path}\n`);
}

function checkOptions({ html, force, plot, top, json }: StatOptions): void {
  if (force === true && html === undefined) {
    throw new InvalidConfigError("--force", "given together with --html", force);
  }
  if (plot === true && json === true) {
    throw new InvalidConfigError("--plot", "given without --json", plot);
  }
  // All of them are in the JSON.
  if (top !== undefined && json === true && html === undefined) {
    throw new InvalidConfigError("--top", "given without --json, or with --html", top);
  }
}
