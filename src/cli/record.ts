import { once } from "node:events";
import { addAbortSignal } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { lastValueFrom } from "rxjs";
import { HaltedError, openRun, type HaltReason, type Run } from "../index.ts";
import { MAX_PAYLOAD_BYTES } from "../model/options.ts";
import { AckPrinter } from "./AckPrinter.ts";
import type { CommandContext } from "./CommandContext.ts";
import { draftReaderOf } from "./draftOfLine.ts";
import type { ExitCode } from "./exitCodes.ts";
import { tellOutputFailure } from "./failure.ts";
import { haltJson } from "./haltJson.ts";
import { drawnInput, inputBytesOf, inputFormatOf } from "./inputProgress.ts";
import { MAX_LINE_BYTES } from "./lineLimit.ts";
import { LineRecorder } from "./LineRecorder.ts";
import { LineSplitter } from "./LineSplitter.ts";
import { progressOn, type Progress } from "./progress.ts";
import { instanceOf } from "./runAddress.ts";
import { visible } from "./visibleText.ts";

/** The options of `record`. */
export interface RecordOptions {
  readonly instance?: string;
  readonly topic?: string;
  readonly type?: string;
  readonly ack?: boolean;
  readonly skipBad?: boolean;
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** A run that is being recorded, and whom to tell of it. */
interface Recording {
  readonly run: Run;
  readonly recorder: LineRecorder;
  readonly progress: Progress;
  readonly inputBytes: number | undefined;
  /** Aborted when nothing further shall be read: by a signal of the process, or by a halt. */
  readonly stop: AbortSignal;
}

/**
 * Records the lines of standard input in a new run until they end or a signal comes, then closes
 * the run.
 */
export async function record(
  directory: string,
  options: RecordOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const toDraft = draftReaderOf(options.topic, options.type);
  const inputBytes = inputBytesOf(context.stdin);
  const progress = await progressOn(context, inputFormatOf(inputBytes), {
    besideOutput: options.ack === true,
  });
  const stop = new AbortController();
  const stopReading = (): void => stop.abort();
  // The run is closed as soon as it is open. A second signal ends the process: a recovery may take
  // long, and may be killed at any moment.
  const stopOpening = (): void => {
    stopReading();
    for (const signal of STOP_SIGNALS) context.signals.off(signal, stopOpening);
  };
  for (const signal of STOP_SIGNALS) context.signals.on(signal, stopOpening);
  try {
    const writer = { maxPayloadBytes: MAX_PAYLOAD_BYTES };
    const run = await openRun({ directory, ...instanceOf(options.instance), writer });
    for (const signal of STOP_SIGNALS) {
      context.signals.off(signal, stopOpening);
      context.signals.on(signal, stopReading);
    }
    tellRecovered(run, context);
    const recorder = new LineRecorder({
      run,
      toDraft,
      onAccepted: options.ack === true ? ackingOf(run, context) : () => {},
      onBadLine: (line, reason) => {
        progress.stepAside();
        context.stderr.write(`tidemark: line ${line}: ${visible(reason)}\n`);
      },
    });
    run.halt$.subscribe(stopReading);
    const recording = { run, recorder, progress, inputBytes, stop: stop.signal };
    const halt = await recorded(recording, context);
    progress.stop();
    tellEnd(run, recorder, context);
    if (halt !== undefined) return await haltTold(halt, context);
    return recorder.badLines > 0 && options.skipBad !== true ? 2 : 0;
  } finally {
    // On until here: a second signal must not end the process before the run is closed. After that
    // it may, since nothing but a reader that stalls is waited for.
    for (const signal of STOP_SIGNALS) {
      context.signals.off(signal, stopOpening);
      context.signals.off(signal, stopReading);
    }
    progress.stop();
  }
}

/** The reason is the last line on standard error: what else is known to have failed comes before it. */
async function haltTold(halt: HaltReason, context: CommandContext): Promise<ExitCode> {
  const { stdout, stderr } = context;
  stdout.flush();
  // A file on a full disk tells within the turn; a pipe may never tell, and is not waited for.
  await setImmediate();
  tellOutputFailure(context);
  stderr.write(`${haltJson(halt)}\n`);
  stderr.flush();
  return 1;
}

/** Records everything and closes the run; gives the reason where it halted instead. */
async function recorded(
  recording: Recording,
  context: CommandContext,
): Promise<HaltReason | undefined> {
  const { run } = recording;
  try {
    await readLines(recording, context);
    await run.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof HaltedError)) {
      // What was read is kept; but a run whose input broke off did not simply end.
      await run.abandon();
      throw error;
    }
    // After a stall, what was accepted is still being committed and acknowledged.
    await lastValueFrom(run.watermark$);
    return error.reason;
  }
}

async function readLines(recording: Recording, context: CommandContext): Promise<void> {
  const { recorder, stop } = recording;
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  const draw = drawnInput(recording);
  const stopped = once(stop, "abort");
  try {
    for await (const chunk of addAbortSignal(stop, context.stdin)) {
      const bytes = chunk as Uint8Array;
      for (const line of splitter.push(bytes)) {
        const room = recorder.take(line);
        // Waiting without need would cut the batches short.
        if (room !== undefined) await room;
        if (stop.aborted) return;
      }
      await Promise.race([outputsTaken(context), stopped]);
      draw(bytes.byteLength);
    }
  } catch (error) {
    if (stop.aborted && isAbort(error)) return;
    throw error;
  }
  // Only the end of the input ends a line that has no line end: after a signal it may be cut.
  for (const line of splitter.end()) await recorder.take(line);
}

/** Resolves when those who read what we print keep up. */
async function outputsTaken({ stdout, stderr }: CommandContext): Promise<void> {
  stderr.flush();
  if (stdout.isFull) await stdout.settled();
  if (stderr.isFull) await stderr.settled();
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function ackingOf(run: Run, { stdout }: CommandContext): (line: number, seq: number) => void {
  const acks = new AckPrinter(stdout);
  run.watermark$.subscribe((watermark) => acks.durable(watermark));
  return (line, seq) => acks.accepted(line, seq);
}

function tellRecovered({ recovered }: Run, { stderr }: CommandContext): void {
  for (const { runId, status, highWatermark } of recovered) {
    stderr.write(`tidemark: run ${runId} was not closed: sealed ${status} at ${highWatermark}\n`);
  }
  // The first line of the input, which would take it along, may be long in coming.
  stderr.flush();
}

function tellEnd(run: Run, { entries, badLines }: LineRecorder, { stderr }: CommandContext): void {
  const bad = badLines === 0 ? "" : `, bad lines: ${badLines}`;
  stderr.write(
    `tidemark: run ${run.runId}: ${entries} lines accepted${bad}, watermark ${run.watermark}\n`,
  );
}
