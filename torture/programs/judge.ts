/**
 * Judges crash images, one a line: opens what is there as the next writer would, writes on, and says
 * what of it breaks a promise.
 *
 *   {directory, claims, close}  ->  {breaches: [...], recovered: {status: runs}}
 *
 * node torture/dist/judge.js
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { listRuns, openRun, type Run, type RunSummary } from "tidemark";
import type { Claim } from "../images/Claims.ts";
import { judgeRun } from "../support/judgeRun.ts";
import { parentFaults } from "../support/parentFaults.ts";
import { payloadOf } from "../support/payloads.ts";

export interface Question {
  readonly directory: string;
  readonly claims: readonly Claim[];
  /** Whether the run that is written on is closed, or left for the next one to find. */
  readonly close: boolean;
}

export interface Verdict {
  readonly breaches: readonly string[];
  /** As what the runs were sealed that were found unsealed. */
  readonly recovered: readonly string[];
}

const GROUP = 3;
/** A run that was never announced holds what tidemark itself has written, or nothing. */
const UNCLAIMED = { group: 1, acknowledged: 0 };

for await (const line of createInterface({ input: process.stdin })) {
  const verdict = await judge(JSON.parse(line) as Question);
  writeSync(1, `${JSON.stringify(verdict)}\n`);
}

async function judge(question: Question): Promise<Verdict> {
  const breaches: string[] = [];
  const recovered: string[] = [];
  try {
    await judgeAsFound(question, breaches);
    const written = await writeOn(question, recovered);
    const claims = [...question.claims, written];
    await judgeRecovered({ ...question, claims }, breaches);
  } catch (failure) {
    breaches.push(`thrown: ${failure instanceof Error ? failure.stack : String(failure)}`);
  }
  return { breaches, recovered };
}

/** Before anybody has recovered it: whoever only reads finds all of it, too. */
async function judgeAsFound({ directory, claims }: Question, breaches: string[]): Promise<void> {
  for (const run of await listRuns({ directory })) {
    if (run.problem !== undefined) breaches.push(`as found, ${nameOf(run)}: ${run.problem}`);
  }
  for (const { runId, acknowledged, group } of claims) {
    const judgement = await judgeRun({ directory, runId, acknowledged, group });
    for (const breach of judgement.breaches) breaches.push(`as found, ${runId}: ${breach}`);
  }
}

async function writeOn({ directory, close }: Question, recovered: string[]): Promise<Claim> {
  const run = await openRun({ directory, writer: { maxBatchEntries: GROUP } });
  recovered.push(...run.recovered.map(({ status }) => status));
  const first = run.accepted + 1;
  await Promise.all(Array.from({ length: GROUP }, (_, n) => append(run, first + n)));
  const claim = { runId: run.runId, group: GROUP, acknowledged: run.watermark };
  if (!close) {
    await run.abandon();
    return claim;
  }
  const { status, highWatermark } = await run.close();
  return { ...claim, acknowledged: highWatermark, sealed: { status, highWatermark } };
}

function append(run: Run, seq: number): Promise<number> {
  const payload = payloadOf(run.runId, seq);
  return run.append({ topic: "torture.entry", payloadType: "Entry", payload });
}

async function judgeRecovered({ directory, claims }: Question, breaches: string[]): Promise<void> {
  const runs = await listRuns({ directory });
  const newest = claims.at(-1)?.runId;
  for (const { runId } of claims) {
    if (runs.every(({ manifest }) => manifest.runId !== runId)) breaches.push(`${runId} is gone`);
  }
  breaches.push(...parentFaults(runs.map(({ manifest }) => manifest)));
  for (const run of runs) {
    const { runId } = run.manifest;
    const claim = claims.find((claimed) => claimed.runId === runId);
    const { group, acknowledged } = claim ?? UNCLAIMED;
    const judgement = await judgeRun({ directory, runId, acknowledged, group });
    const all = [...breachesOfStatus(run, claim, runId === newest), ...judgement.breaches];
    for (const breach of all) breaches.push(`${nameOf(run)}: ${breach}`);
  }
}

function breachesOfStatus(
  { manifest: { status, highWatermark }, problem }: RunSummary,
  claim: Claim | undefined,
  isNewest: boolean,
): readonly string[] {
  const breaches: string[] = [];
  if (problem !== undefined) breaches.push(problem);
  // A power cut damages nothing, and whoever opens seals what was left unsealed.
  if (status === "quarantined") breaches.push("it is quarantined");
  if (status === "running" && !isNewest) breaches.push("it was not recovered");
  const sealed = claim?.sealed ?? { status, highWatermark };
  if (sealed.status !== status || sealed.highWatermark !== highWatermark) {
    breaches.push(`sealed ${JSON.stringify(sealed)}, and now ${status} at ${highWatermark}`);
  }
  return breaches;
}

function nameOf({ manifest: { runId, status } }: RunSummary): string {
  return `${runId} (${status})`;
}
