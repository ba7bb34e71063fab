import type { Entry, IndexKey } from "../model/entry.ts";
import { InvalidConfigError, NotFoundError } from "../model/errors.ts";
import type { RunReader } from "../model/Run.ts";
import { readRun } from "../runs/readRun.ts";
import { colouringOf, type Colouring } from "./colours.ts";
import type { CommandContext } from "./CommandContext.ts";
import { entryJsonOf } from "./entryJson.ts";
import type { ExitCode } from "./exitCodes.ts";
import { integerOf } from "./integerOf.ts";
import type { Output } from "./Output.ts";
import { payloadLines } from "./payloadLines.ts";
import { checkOperands, runAddressOf, type RunOptions } from "./runAddress.ts";
import { timeText } from "./timeText.ts";
import { visible } from "./visibleText.ts";

/** The options of `inspect`. */
export interface InspectOptions extends RunOptions {
  readonly key?: string;
  readonly correlation?: string;
  readonly json?: boolean;
}

const NAME_WIDTH = 14;

/** Prints one entry whole, or all that carry a key or a correlation id. */
export async function inspect(
  operands: readonly string[],
  options: InspectOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  const find = wantedOf(rest, options);
  const { stdout } = context;
  const colouring = await colouringOf(context);
  await using reader = await readRun(address);
  let isFirst = true;
  for await (const entry of find(reader)) {
    if (stdout.isOver) break;
    if (options.json === true) stdout.write(`${JSON.stringify(entryJsonOf(entry))}\n`);
    else await printEntry(entry, { isFirst, colouring, stdout });
    isFirst = false;
    if (stdout.isFull) await stdout.settled();
  }
  return 0;
}

type Find = (reader: RunReader) => AsyncIterable<Entry>;

/** The one way that the command line asks for entries. */
function wantedOf(rest: readonly string[], { key, correlation }: InspectOptions): Find {
  const [seq] = rest;
  checkOperands(rest, 1);
  if ([seq, key, correlation].filter((given) => given !== undefined).length !== 1) {
    throw new InvalidConfigError("inspect", "given one of SEQ, --key and --correlation", seq);
  }
  if (key !== undefined) {
    const indexKey = indexKeyOf(key);
    return (reader) => withKey(reader, indexKey);
  }
  if (correlation !== undefined) return (reader) => withCorrelation(reader, correlation);
  const wanted = integerOf("SEQ", seq ?? "", 1);
  return (reader) => withSeq(reader, wanted);
}

function indexKeyOf(text: string): IndexKey {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidConfigError("--key", "KIND=KEY", text);
  return { kind: text.slice(0, at), key: text.slice(at + 1) };
}

async function* withSeq(reader: RunReader, seq: number): AsyncGenerator<Entry> {
  const entry = await reader.entryAt(seq);
  if (entry === undefined) throw new NotFoundError(`entry ${seq} in run ${reader.runId}`);
  yield entry;
}

async function* withKey(reader: RunReader, indexKey: IndexKey): AsyncGenerator<Entry> {
  const { kind, key } = indexKey;
  const from = await reader.lookup(kind, key);
  if (from === undefined) throw new NotFoundError(`entry with ${kind}=${key}`);
  yield* reader.entries({ from, indexKey });
}

async function* withCorrelation(reader: RunReader, correlationId: string): AsyncGenerator<Entry> {
  let isFound = false;
  for await (const entry of reader.entries({ correlationId })) {
    isFound = true;
    yield entry;
  }
  if (!isFound) throw new NotFoundError(`entry with the correlation id ${correlationId}`);
}

async function printEntry(
  entry: Entry,
  how: { readonly isFirst: boolean; readonly colouring: Colouring; readonly stdout: Output },
): Promise<void> {
  const { stdout, colouring } = how;
  if (!how.isFirst) stdout.write("\n");
  for (const [name, value] of fieldsOf(entry)) {
    stdout.write(`${colouring.bold(name.padEnd(NAME_WIDTH))}${value}\n`);
  }
  for (const line of payloadLines(entry.payload)) {
    stdout.write(`${line}\n`);
    if (stdout.isFull) await stdout.settled();
  }
}

function fieldsOf(entry: Entry): readonly [string, string][] {
  const { headers, indexKeys, payload } = entry;
  const hex = Buffer.from(entry.hash).toString("hex");
  return [
    ["seq", String(entry.seq)],
    ["topic", visible(entry.topic)],
    ["payload type", visible(entry.payloadType)],
    ["tsInit", `${timeText(entry.tsInit)} (${entry.tsInit})`],
    ["tsPublish", `${timeText(entry.tsPublish)} (${entry.tsPublish})`],
    ["correlation", headers.correlationId ?? "-"],
    ["causation", headers.causationId ?? "-"],
    ...indexKeys.map(({ kind, key }): [string, string] => ["key", visible(`${kind}=${key}`)]),
    // It holds: an entry whose hash does not is never handed out.
    ["hash", hex],
    ["payload", `${payload.byteLength} bytes`],
  ];
}
