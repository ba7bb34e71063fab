import type { HaltReason } from "../../src/index.ts";
import { haltFaults } from "../support/haltFaults.ts";
import type { Tally } from "../support/Tally.ts";
import type { WriterLog } from "../support/WriterLog.ts";
import type { CutReport } from "./cutWriter.ts";

/** EIO: what ext4 and xfs give for every call on a file once they are shut down. */
const EIO = 5;

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
  if (!isHonestHalt(halt)) tally.breach(n, `halted by ${textOf(halt)}`);
}

/** The last word of a writer that did not halt. */
function tallyWord(n: number, tally: Tally, { closed, failure }: WriterLog): void {
  if (closed !== undefined) return tally.add("closed before the cut");
  if (failure === undefined) return tally.breach(n, "the writer ended without a word");
  tally.add(`failures by ${failure.code} ${String(failure.errno)}`);
  if (!isHonestFailure(failure)) tally.breach(n, `failed by ${textOf(failure)}`);
  tallyDeath(tally, failure.message);
}

/** The number that the kernel gave, as a failure of the disk; or that LMDB died of it. */
function isHonestHalt(halt: HaltReason): boolean {
  if (halt.kind === "backend-error") return signalIn(textOf(halt)) !== undefined;
  return halt.kind === "backend-disk" && halt.code === EIO;
}

function isHonestFailure({ code, errno, message }: NonNullable<WriterLog["failure"]>): boolean {
  if (code === "TIDEMARK_BACKEND") return signalIn(message) !== undefined;
  return code === "TIDEMARK_DISK" && errno === EIO;
}

/** The process that owns the environment may die of what LMDB does; the writer tells of it. */
function tallyDeath(tally: Tally, message: string): void {
  const signal = signalIn(message);
  if (signal !== undefined) tally.add(`environments whose process died of ${signal}`);
}

function signalIn(message: string): string | undefined {
  return /\bSIG[A-Z]+\b/.exec(message)?.[0];
}

function stageOf({ runId, closed }: CutReport["before"]): string {
  if (closed !== undefined) return "closed";
  return runId === undefined ? "opening" : "open";
}

function textOf(value: object): string {
  return JSON.stringify(value);
}
