import { readRun, type Entry, type EntryQuery } from "../index.ts";
import type { CommandContext } from "./CommandContext.ts";
import { entryJsonOf, textOf } from "./entryJson.ts";
import type { ExitCode } from "./exitCodes.ts";
import { colouringOf, type Colouring } from "./colours.ts";
import { checkOperands, runAddressOf, type RunOptions } from "./runAddress.ts";
import { timeText } from "./timeText.ts";
import { shortened, visible, widthOf } from "./visibleText.ts";

/** The options of `tail`. */
export interface TailOptions extends RunOptions {
  readonly from?: number;
  readonly topic?: readonly string[];
  readonly type?: readonly string[];
  readonly limit?: number;
  readonly json?: boolean;
}

/** What a binary payload is shown by. */
const PREVIEW_BYTES = 32;
/** No more of a payload is looked at than could be shown; without a terminal that is all of it. */
const MAX_CHARACTERS_PER_COLUMN = 4;

/** Prints the entries of a run, oldest first, those of its life included. */
export async function tail(
  operands: readonly string[],
  options: TailOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  checkOperands(rest, 0);
  const { stdout } = context;
  await using reader = await readRun(address);
  const lineOf = options.json === true ? jsonLine : await humanLines(context);
  let left = options.limit ?? Infinity;
  for await (const entry of reader.entries(queryOf(options))) {
    if (left === 0 || stdout.isOver) break;
    left -= 1;
    stdout.write(`${lineOf(entry)}\n`);
    if (stdout.isFull) await stdout.settled();
  }
  return 0;
}

function queryOf({ from, topic, type }: TailOptions): EntryQuery {
  return {
    ...(from === undefined ? {} : { from }),
    ...(topic === undefined ? {} : { topics: topic }),
    ...(type === undefined ? {} : { payloadTypes: type }),
  };
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
