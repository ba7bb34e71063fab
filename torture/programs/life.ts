/**
 * One whole life of a run, the same system calls each time: opens it, which recovers what is there,
 * appends groups one after the other, records an anchor on the way, reads everything back and closes.
 * Says what it was told, line by line, each with the time in milliseconds before anything else happens:
 *
 *   T open {runId, recovered: [{runId, status, highWatermark}]} | T failed {code, errno}
 *   T ack N                       the watermark
 *   T halt {kind, code}           the halt
 *   T read {count} | {code}       what reading it back gave
 *   T append {code}               an append or the anchor that was rejected, the first one
 *   T closed {status, highWatermark} | close {code}
 *
 * node --import tsx torture/programs/life.ts '{"directory": …, …}'
 */
import { writeSync } from "node:fs";
import { payloadOf } from "../support/payloads.ts";
import type { Run } from "tidemark";

export interface LifeSettings {
  readonly directory: string;
  /** The time of its clock, which becomes the name of its run. */
  readonly startsAt: number;
  readonly groups: number;
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
const { openRun } = await import("tidemark");

let time = BigInt(settings.startsAt);
const clock = { now: () => time++ };
try {
  const { directory } = settings;
  await live(await openRun({ directory, clock, writer: { maxBatchEntries: GROUP } }));
} catch (failure) {
  say("failed", failureOf(failure));
}

async function live(run: Run): Promise<void> {
  const recovered = run.recovered.map(({ runId, status, highWatermark }) => {
    return { runId, status, highWatermark };
  });
  say("open", { runId: run.runId, recovered });
  run.watermark$.subscribe((seq) => say("ack", seq));
  run.halt$.subscribe(({ kind, ...reason }) => {
    say("halt", { kind, ...("code" in reason ? { code: reason.code } : {}), text: textOf(reason) });
  });
  await attempt("append", async () => {
    for (let group = 0; group < settings.groups; group += 1) {
      if (group === settings.groups / 2) await recordAnchor(run);
      await appendGroup(run);
    }
  });
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
}

async function appendGroup(run: Run): Promise<void> {
  const first = run.accepted + 1;
  const appends = Array.from({ length: GROUP }, (_, n) => {
    const payload = payloadOf(run.runId, first + n);
    return run.append({ topic: "torture.entry", payloadType: "Entry", payload });
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

function failureOf(failure: unknown): unknown {
  const { code = "unexpected", errno } = failure as { code?: unknown; errno?: unknown };
  return { code, errno, text: textOf({ message: String(failure) }) };
}

function textOf(reason: object): unknown {
  return "message" in reason ? reason.message : undefined;
}
