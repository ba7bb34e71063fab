/**
 * One of a crowd that writes and reads the same instances at once, in turns that the dice decide,
 * until it is killed or its input ends. Says what it is told, each line written before anything else
 * happens; `run` is `<instance>/<run>`:
 *
 *   open {run, watermark}            ack {run, watermark}            it writes this run
 *   sealed {run, status, watermark}  that is what the run ended as: closed, recovered or read so
 *   seen {run, watermark}            a reader, who found all of it right
 *   locked                           somebody else writes
 *   halt {kind}                      the halt; it ends, as a program must after one
 *   failed {doing, code, message}    anything else
 *   wrong {run, what}                a reader, who found something else than was written
 *
 * node torture/dist/member.js '{"directory": …, "seed": …}'
 */
import { writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import {
  listRuns,
  LockedError,
  openRun,
  readRun,
  TidemarkError,
  verifyRun,
  type Run,
  type RunManifest,
} from "tidemark";
import { GROUP } from "../crowd/settings.ts";
import { payloadOf } from "../support/payloads.ts";
import { Random } from "../support/Random.ts";

export interface MemberSettings {
  readonly directory: string;
  /** Where it writes. */
  readonly instances: readonly string[];
  /** For how long it writes a run at the most. */
  readonly longestStayMs: number;
  readonly seed: number;
}

const settings = JSON.parse(process.argv[2] ?? "{}") as MemberSettings;
const { directory, instances } = settings;
const dice = new Random(settings.seed);
const input = process.stdin.resume();

function say(word: string, value: unknown = {}): void {
  writeSync(1, `${word} ${JSON.stringify(value)}\n`);
}

while (!input.readableEnded) {
  const doing = dice.pick(["write", "write", "write", "read", "read", "verify", "list"]);
  try {
    if (doing === "write") await write();
    else if (doing === "read") await read();
    else if (doing === "verify") await verify();
    else await list();
  } catch (failure) {
    if (failure instanceof LockedError) say("locked");
    else sayFailed(doing, failure);
    await wait(dice.between(5, 50));
  }
}

async function write(): Promise<void> {
  const run = await openRun({
    directory,
    instanceId: dice.pick(instances),
    writer: { maxBatchEntries: GROUP, maxBatchBytes: 2 ** 20 },
  });
  const name = nameOf(run.manifest);
  say("open", { run: name, watermark: run.watermark });
  for (const manifest of run.recovered) saySealed(manifest);
  run.watermark$.subscribe((watermark) => say("ack", { run: name, watermark }));
  let isHalted = false;
  run.halt$.subscribe(({ kind }) => {
    isHalted = true;
    say("halt", { kind });
  });
  const end = performance.now() + dice.between(0, settings.longestStayMs);
  try {
    await fill(run, end);
    if (dice.chance(0.6)) saySealed(await run.close());
    else await run.abandon();
  } catch (failure) {
    if (!isHalted) throw failure;
    await run.abandon();
    // What it had may still be written; only its end gives the lease back.
    process.exit(0);
  }
}

async function fill(run: Run, end: number): Promise<void> {
  const groups = async (): Promise<void> => {
    while (performance.now() < end) {
      const first = run.accepted + 1;
      await Promise.all(Array.from({ length: GROUP }, (_, n) => append(run, first + n)));
    }
  };
  await Promise.all(Array.from({ length: dice.between(1, 4) }, groups));
}

function append(run: Run, seq: number): Promise<number> {
  return run.append({
    topic: "torture.entry",
    payloadType: "Entry",
    payload: payloadOf(run.runId, seq),
    indexKeys: [{ kind: "seq", key: String(seq) }],
  });
}

/** Any run, from its start to where it was when it was opened. */
async function read(): Promise<void> {
  const address = await anyRun();
  if (address === undefined) return;
  await using reader = await readRun({ ...address, check: dice.pick(["full", "edges"]) });
  const { manifest } = reader;
  const run = nameOf(manifest);
  let seq = 0;
  let written = 0;
  for await (const entry of reader.entries()) {
    seq += 1;
    if (entry.seq !== seq) say("wrong", { run, what: `entry ${entry.seq} at ${seq}` });
    if (entry.topic !== "torture.entry") continue;
    written += 1;
    const isRight = Buffer.from(entry.payload).toString() === payloadOf(manifest.runId, seq);
    if (!isRight) say("wrong", { run, what: `entry ${seq} is not what was written` });
    // Now and then by its key: the index comes with its entry or not at all.
    if (seq % 50 !== 0 || (await reader.lookup("seq", String(seq))) === seq) continue;
    say("wrong", { run, what: `the key of entry ${seq} is not in the index` });
  }
  if (written % GROUP !== 0) say("wrong", { run, what: `${written} entries, not in whole groups` });
  say("seen", { run, watermark: seq });
  if (manifest.status !== "running") saySealed(manifest);
}

async function verify(): Promise<void> {
  const address = await anyRun();
  if (address === undefined) return;
  const { findings, highWatermark } = await verifyRun(address);
  const run = `${address.instanceId}/${address.runId}`;
  if (findings.length > 0) say("wrong", { run, what: JSON.stringify(findings.slice(0, 3)) });
  say("seen", { run, watermark: highWatermark });
}

async function list(): Promise<void> {
  for (const { manifest, watermark, problem } of await listRuns({ directory })) {
    const run = nameOf(manifest);
    if (problem === undefined) say("seen", { run, watermark });
    else say("wrong", { run, what: `listed with ${problem}` });
    if (manifest.status !== "running") saySealed(manifest);
  }
}

async function anyRun(): Promise<
  { directory: string; instanceId: string; runId: string } | undefined
> {
  const runs = await listRuns({ directory, instanceId: dice.pick(instances) });
  // Mostly the newest, which somebody writes.
  const run = dice.chance(0.7) ? runs.at(-1) : runs[dice.below(runs.length)];
  if (run === undefined) return undefined;
  const { instanceId, runId } = run.manifest;
  return { directory, instanceId, runId };
}

function nameOf({ instanceId, runId }: Pick<RunManifest, "instanceId" | "runId">): string {
  return `${instanceId}/${runId}`;
}

function saySealed(manifest: RunManifest): void {
  const { status, highWatermark: watermark } = manifest;
  say("sealed", { run: nameOf(manifest), status, watermark });
}

function sayFailed(doing: string, failure: unknown): void {
  const isOurs = failure instanceof TidemarkError;
  const code = isOurs ? failure.code : "unexpected";
  say("failed", { doing, code, message: String(failure) });
}
