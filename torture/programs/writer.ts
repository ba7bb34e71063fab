/**
 * Opens a run and records until it is stopped; says what it was told of it, line by line, each
 * written before anything else happens:
 *
 *   open {runId, watermark, recovered: [{runId, status, highWatermark}]}   the run is open
 *   ack N                                                                  the watermark
 *   halt {kind, …}                                                         the halt
 *   closed {status, highWatermark} | failed {code, errno, message}         its end
 *
 * node torture/dist/writer.js '{"directory": …, …}'
 */
import { writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { openRun, TidemarkError, type OpenRunOptions, type Run } from "tidemark";
import { payloadOf } from "../support/payloads.ts";

export interface WriterSettings {
  readonly directory: string;
  readonly instanceId?: string;
  /** Entries that are handed in together and must become durable together; default 10. */
  readonly group?: number;
  /** Groups in flight; default 2. */
  readonly inFlight?: number;
  /** Groups after which the run is closed; default: none, it goes on. */
  readonly groups?: number;
  /** Entries get an index key each; default false. */
  readonly hasKeys?: boolean;
  /** How long to wait after each group; default 0. */
  readonly pauseMs?: number;
  readonly writer?: OpenRunOptions["writer"];
}

const settings = JSON.parse(process.argv[2] ?? "{}") as WriterSettings;
const { directory, instanceId, group = 10, inFlight = 2, groups = Infinity } = settings;

function say(word: string, value: unknown): void {
  const json = JSON.stringify(value, (_, item: unknown) =>
    typeof item === "bigint" || item instanceof Error ? String(item) : item,
  );
  writeSync(1, `${word} ${json}\n`);
}

try {
  await record(
    await openRun({
      directory,
      ...(instanceId === undefined ? {} : { instanceId }),
      // A group is a batch: what is handed in together is committed together or not at all.
      writer: { maxBatchEntries: group, maxBatchBytes: 2 ** 20, ...settings.writer },
    }),
  );
} catch (failure) {
  say("failed", failureOf(failure));
}

async function record(run: Run): Promise<void> {
  const recovered = run.recovered.map(({ runId, status, highWatermark }) => ({
    runId,
    status,
    highWatermark,
  }));
  say("open", { runId: run.runId, watermark: run.watermark, recovered });
  run.watermark$.subscribe((seq) => say("ack", seq));
  run.halt$.subscribe((reason) => say("halt", reason));
  let begun = 0;
  const next = async (): Promise<void> => {
    while (begun < groups && run.accepted < Number.MAX_SAFE_INTEGER) {
      begun += 1;
      const first = run.accepted + 1;
      const appends = Array.from({ length: group }, (_, n) => append(run, first + n));
      await Promise.all(appends);
      if (settings.pauseMs !== undefined) await pause(settings.pauseMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, next));
  const { status, highWatermark } = await run.close();
  say("closed", { status, highWatermark });
}

function append(run: Run, seq: number): Promise<number> {
  return run.append({
    topic: "torture.entry",
    payloadType: "Entry",
    payload: payloadOf(run.runId, seq),
    ...(settings.hasKeys === true ? { indexKeys: [{ kind: "seq", key: String(seq) }] } : {}),
  });
}

function failureOf(failure: unknown): unknown {
  if (!(failure instanceof TidemarkError)) return { code: "unexpected", message: String(failure) };
  const { code, message } = failure;
  const errno = "errno" in failure ? failure.errno : undefined;
  return { code, errno, message };
}
