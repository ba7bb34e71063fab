/**
 * One whole life of a run, the same system calls each time. The next one of a directory opens it, which
 * recovers what is there, appends groups one after the other, records an anchor on the way, reads
 * everything back, closes, and reads it as others do. The first one makes the directory, is abandoned,
 * and recovered. Says what it was told, line by line, each with the time in milliseconds before
 * anything else happens:
 *
 *   T open {runId, recovered: [{runId, status, highWatermark}]} | T failed {code, errno}
 *   T ack N                       the watermark
 *   T halt {kind, code}           the halt
 *   T read {count} | {code}       what reading it back gave
 *   T append {code}               an append or the anchor that was rejected, the first one
 *   T closed {status, highWatermark} | close {code}
 *   T recovered [{runId, …}] | recover {code}
 *   T reader {count, found} | {code}   what a reader of its own found
 *
 * node torture/dist/life.js '{"directory": …, …}'
 */
import { writeSync } from "node:fs";
import { payloadOf } from "../support/payloads.ts";
import type { Run, RunManifest } from "tidemark";

/** The first life of a directory, or one that finds a predecessor there. */
export type LifeKind = "first" | "next";

export interface LifeSettings {
  readonly life: LifeKind;
  readonly directory: string;
  /** The time of its clock, which becomes the name of its run. */
  readonly startsAt: number;
  readonly groups: number;
  /** The entry that a reader looks up by its key. */
  readonly lookUp: number;
  /** It dies before it closes. */
  readonly crashes?: boolean;
  /** What runs the writer, in place of node: strace, which then runs node. */
  readonly writerProgram?: string;
}

const settings = JSON.parse(process.argv[2] ?? "{}") as LifeSettings;
const GROUP = 10;

function say(word: string, value: unknown): void {
  const now = performance.timeOrigin + performance.now();
  writeSync(1, `${now.toFixed(3)} ${word} ${JSON.stringify(value)}\n`);
}

process.execPath = settings.writerProgram ?? process.execPath;
const { CLIENT_ORDER_ID, openRun, readRun, recoverRuns } = await import("tidemark");

// The first time that is asked for is looked at and not used.
let time = BigInt(settings.startsAt) - 1n;
const clock = { now: () => time++ };
try {
  const { directory } = settings;
  const run = await openRun({ directory, clock, writer: { maxBatchEntries: GROUP } });
  watch(run);
  await (settings.life === "first" ? liveFirst(run) : liveNext(run));
} catch (failure) {
  say("failed", failureOf(failure));
}

function watch(run: Run): void {
  say("open", { runId: run.runId, recovered: run.recovered.map(summaryOf) });
  run.watermark$.subscribe((seq) => say("ack", seq));
  run.halt$.subscribe(({ kind, ...reason }) => {
    say("halt", { kind, ...("code" in reason ? { code: reason.code } : {}), text: textOf(reason) });
  });
}

async function liveFirst(run: Run): Promise<void> {
  await attempt("append", () => appendGroups(run));
  await run.abandon();
  await attempt("recover", async () => {
    const recovered = await recoverRuns({ directory: settings.directory });
    // One that has halted is locked, and left out.
    if (recovered.length > 0) say("recovered", recovered.map(summaryOf));
  });
}

async function liveNext(run: Run): Promise<void> {
  await attempt("append", () => appendGroups(run));
  if (settings.crashes === true) process.kill(process.pid, "SIGKILL");
  await attempt("read", async () => {
    let count = 0;
    for await (const _ of run.entries()) count += 1;
    say("read", { count });
  });
  await attempt("close", async () => {
    const { status, highWatermark } = await run.close();
    say("closed", { status, highWatermark });
  });
  await attempt("reader", async () => {
    const { directory } = settings;
    await using reader = await readRun({ directory, instanceId: "default", runId: run.runId });
    let count = 0;
    for await (const _ of reader.entries()) count += 1;
    const found = await reader.lookup(CLIENT_ORDER_ID, String(settings.lookUp));
    say("reader", { count, found });
  });
}

async function appendGroups(run: Run): Promise<void> {
  for (let group = 0; group < settings.groups; group += 1) {
    if (group === settings.groups / 2) await recordAnchor(run);
    await appendGroup(run);
  }
}

async function appendGroup(run: Run): Promise<void> {
  const first = run.accepted + 1;
  const appends = Array.from({ length: GROUP }, (_, n) => {
    const payload = payloadOf(run.runId, first + n);
    const indexKeys = [{ kind: CLIENT_ORDER_ID, key: String(first + n) }];
    return run.append({ topic: "torture.entry", payloadType: "Entry", payload, indexKeys });
  });
  await Promise.all(appends);
}

async function recordAnchor(run: Run): Promise<void> {
  await run.recordSnapshotAnchor({ blobRef: "s3://torture/1", contentHash: "blake3:00" });
}

async function attempt(word: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (failure) {
    say(word, failureOf(failure));
  }
}

function summaryOf({ runId, status, highWatermark }: RunManifest): object {
  return { runId, status, highWatermark };
}

function failureOf(failure: unknown): unknown {
  const { code = "unexpected", errno } = failure as { code?: unknown; errno?: unknown };
  return { code, errno, text: textOf({ message: String(failure) }) };
}

function textOf(reason: object): unknown {
  return "message" in reason ? reason.message : undefined;
}
