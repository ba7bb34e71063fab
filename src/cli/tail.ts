import {
  InvalidConfigError,
  readRun,
  type Entry,
  type EntryQuery,
  type RunManifest,
  type RunReader,
} from "../index.ts";
import type { CommandContext } from "./CommandContext.ts";
import { entryJsonOf, textOf } from "./entryJson.ts";
import type { ExitCode } from "./exitCodes.ts";
import { colouringOf, type Colouring } from "./colours.ts";
import { lastEntries } from "./lastEntries.ts";
import { checkOperands, runAddressOf, type RunOptions } from "./runAddress.ts";
import { timeText } from "./timeText.ts";
import { shortened, visible, widthOf } from "./visibleText.ts";

/** The options of `tail`. */
export interface TailOptions extends RunOptions {
  readonly from?: number;
  readonly last?: number;
  readonly topic?: readonly string[];
  readonly type?: readonly string[];
  readonly limit?: number;
  readonly json?: boolean;
  readonly follow?: boolean;
  readonly followChildren?: boolean;
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What a binary payload is shown by. */
const PREVIEW_BYTES = 32;
/** No more of a payload is looked at than could be shown; without a terminal that is all of it. */
const MAX_CHARACTERS_PER_COLUMN = 4;

/**
 * Prints the entries of a run, oldest first, those of its life included. One that is followed ends
 * with the run, with a signal, or when nobody reads what is printed any more.
 */
export async function tail(
  operands: readonly string[],
  options: TailOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  checkOperands(rest, 0);
  checkOptions(options);
  const isFollowing = options.follow === true || options.followChildren === true;
  const stopping = isFollowing ? stoppedBy(context) : new AbortController().signal;
  await using reader = await readRun(address);
  if (options.limit === 0) return 0;
  const wanted = await wantedOf(reader, options, { isFollowing, stopping });
  const query = { ...wanted, ...(isFollowing ? followingOf(options, context) : {}) };
  const entries = reader.entries(query)[Symbol.asyncIterator]();
  // What was asked for last may wait for an entry that never comes.
  stopping.addEventListener("abort", () => void entries.return?.());
  if (stopping.aborted) return 0;
  const isWhole = await print(entries, options, context);
  const isLeft = isWhole && !stopping.aborted && reader.manifest.status === "running";
  if (isFollowing && isLeft) tellLeft(context);
  return 0;
}

function checkOptions({ from, last }: TailOptions): void {
  if (from === undefined || last === undefined) return;
  throw new InvalidConfigError("--last", "given without --from", last);
}

/** It may be written all the same: by a process in another network namespace. */
function tellLeft({ stdout, stderr }: CommandContext): void {
  stdout.flush();
  stderr.write("tidemark: nobody writes the run any more, and nobody has sealed it\n");
}

/** Whether all of them were printed. */
async function print(
  entries: AsyncIterator<Entry>,
  options: TailOptions,
  context: CommandContext,
): Promise<boolean> {
  const { stdout } = context;
  const lineOf = options.json === true ? jsonLine : await humanLines(context);
  let left = options.limit ?? Infinity;
  let flushing: NodeJS.Immediate | undefined;
  for await (const entry of { [Symbol.asyncIterator]: () => entries }) {
    if (stdout.isOver) return false;
    stdout.write(`${lineOf(entry)}\n`);
    // What comes together goes out together, and waits for nothing that may never come.
    flushing ??= setImmediate(() => {
      flushing = undefined;
      stdout.flush();
    });
    left -= 1;
    if (left === 0) return false;
    if (stdout.isFull) await stdout.settled();
  }
  return true;
}

async function wantedOf(
  reader: RunReader,
  options: TailOptions,
  how: { readonly isFollowing: boolean; readonly stopping: AbortSignal },
): Promise<EntryQuery> {
  const query = queryOf(options);
  const { last } = options;
  return last === undefined ? query : lastEntries(reader, query, { ...how, count: last });
}

function queryOf({ from, topic, type }: TailOptions): EntryQuery {
  return {
    ...(from === undefined ? {} : { from }),
    ...(topic === undefined ? {} : { topics: topic }),
    ...(type === undefined ? {} : { payloadTypes: type }),
  };
}

function followingOf({ followChildren }: TailOptions, context: CommandContext): EntryQuery {
  const { stdout, stderr } = context;
  if (followChildren !== true) return { live: true };
  const onChild = ({ runId }: RunManifest): void => {
    // Where both are a terminal, the lines stand in order.
    stdout.flush();
    stderr.write(`tidemark: goes on in run ${visible(runId)}\n`);
    stderr.flush();
  };
  return { live: true, followChildren, onChild };
}

/**
 * Aborted by a signal, and once nobody reads standard output any more. A pipe says that to who writes
 * to it, and to who polls it, which Node does not: an empty write succeeds, and a pipe that is open for
 * writing alone cannot be listened to.
 */
function stoppedBy({ signals, stdout }: CommandContext): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => {
    // A second one ends the process, whoever stalls.
    for (const signal of STOP_SIGNALS) signals.off(signal, onSignal);
    stop.abort();
  };
  for (const signal of STOP_SIGNALS) signals.on(signal, onSignal);
  for (const event of ["error", "close"]) stdout.stream.on(event, () => stop.abort());
  return stop.signal;
}

function jsonLine(entry: Entry): string {
  return JSON.stringify(entryJsonOf(entry));
}

async function humanLines(context: CommandContext): Promise<(entry: Entry) => string> {
  const colouring = await colouringOf(context);
  return (entry) => humanLine(entry, context.stdout.columns, colouring);
}

/** Seq, time, topic, type and as much of the payload as the line has room for. */
function humanLine(entry: Entry, columns: number, { dim, cyan }: Colouring): string {
  const fields = [
    String(entry.seq),
    timeText(entry.tsInit),
    visible(entry.topic),
    visible(entry.payloadType),
  ];
  const [seq = "", time = "", topic = "", type = ""] = fields;
  const head = fields.join("  ");
  const room = columns - widthOf(head) - 2;
  if (room < 1) return shortened(head, columns);
  const payload = shortened(payloadText(entry.payload, columns), room);
  return `${seq}  ${dim(time)}  ${cyan(topic)}  ${type}  ${payload}`.trimEnd();
}

function payloadText(payload: Uint8Array, columns: number): string {
  const text = textOf(payload);
  if (text !== undefined) {
    return visible(text.slice(0, Math.max(1, columns) * MAX_CHARACTERS_PER_COLUMN));
  }
  const start = Buffer.from(payload.subarray(0, PREVIEW_BYTES)).toString("hex");
  const isCut = payload.byteLength > PREVIEW_BYTES;
  return `0x${start}${isCut ? `… (${payload.byteLength} bytes)` : ""}`;
}
