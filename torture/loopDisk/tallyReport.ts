import type { HaltReason } from "../../src/index.ts";
import { haltFaults } from "../support/haltFaults.ts";
import type { Tally } from "../support/Tally.ts";
import type { WriterLog } from "../support/WriterLog.ts";
import type { CutReport } from "./cutWriter.ts";

/** How a writer may say that its disk is gone. */
const HONEST_HALTS: ReadonlySet<string> = new Set([
  "backend-disk",
  "backend-error",
  "commit-stall",
]);

const HONEST_FAILURES: ReadonlySet<string> = new Set(["TIDEMARK_DISK", "TIDEMARK_BACKEND"]);

/** Counts how a writer came through a cut, and what of it breaks a promise. */
export function tallyReport(n: number, tally: Tally, report: CutReport): void {
  const { log, before, survivors } = report;
  tally.add(`cut while ${stageOf(before)}`);
  tally.add("entries acknowledged after the cut", log.acknowledged - before.acknowledged);
  for (const fault of haltFaults(log)) tally.breach(n, fault);
  const mishap = before.halt ?? before.failure;
  if (mishap !== undefined) tally.breach(n, `stopped on a sound disk: ${textOf(mishap)}`);
  if (survivors.length > 0) tally.breach(n, `${survivors.length} processes outlived the writer`);
  tallyEnding(n, tally, report);
}

function tallyEnding(n: number, tally: Tally, { log, killed, ending }: CutReport): void {
  const { exit, stderr } = ending;
  if (log.halt !== undefined) tallyHalt(n, tally, log.halt);
  if (killed === "with the cut") return tally.add("killed with the cut");
  if (killed === "for it hung") return tally.breach(n, "neither ended nor halted in time");
  if (typeof exit === "string") {
    tally.add(`writers that died of ${exit}`);
    tally.breach(n, `the writer died of ${exit}: ${stderr}`);
  } else if (exit !== 0) tally.breach(n, `the writer ended by ${exit}: ${stderr}`);
  else if (log.halt === undefined) tallyWord(n, tally, log);
}

function tallyHalt(n: number, tally: Tally, halt: HaltReason): void {
  const code = "code" in halt ? ` ${String(halt.code)}` : "";
  tally.add(`halts by ${halt.kind}${code}`);
  tallyDeath(tally, textOf(halt));
  if (!HONEST_HALTS.has(halt.kind)) tally.breach(n, `halted by ${textOf(halt)}`);
}

/** The last word of a writer that did not halt. */
function tallyWord(n: number, tally: Tally, { closed, failure }: WriterLog): void {
  if (closed !== undefined) return tally.add("closed before the cut");
  if (failure === undefined) return tally.breach(n, "the writer ended without a word");
  tally.add(`failures by ${failure.code}`);
  if (!HONEST_FAILURES.has(failure.code)) tally.breach(n, `failed by ${textOf(failure)}`);
  tallyDeath(tally, failure.message);
}

/** The process that owns the environment may die of what LMDB does; the writer tells of it. */
function tallyDeath(tally: Tally, message: string): void {
  const signal = /\bSIG[A-Z]+\b/.exec(message)?.[0];
  if (signal !== undefined) tally.add(`environments whose process died of ${signal}`);
}

function stageOf({ runId, closed }: CutReport["before"]): string {
  if (closed !== undefined) return "closed";
  return runId === undefined ? "opening" : "open";
}

function textOf(value: object): string {
  return JSON.stringify(value);
}
