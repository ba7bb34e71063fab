import { PassThrough, Readable } from "node:stream";
import { contextOf, type CommandContext } from "../../../src/cli/CommandContext.ts";
import { runCommand } from "../../../src/cli/program.ts";

/** How a command that ran in this process ended, and what it printed. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test may set of the process that a command sees. */
export interface Surroundings {
  readonly stdin?: Readable;
  readonly env?: Readonly<Record<string, string>>;
  /** The terminal's width, where standard output is one. */
  readonly columns?: number;
  /** That of standard error, where that is one. */
  readonly errorColumns?: number;
}

/** Runs a command in this process. */
export async function run(args: readonly string[], around: Surroundings = {}): Promise<Ran> {
  const [stdout, stderr] = [captured(around.columns), captured(around.errorColumns)];
  const context: CommandContext = contextOf({
    stdin: around.stdin ?? Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: around.env ?? {},
    on: () => {},
    off: () => {},
  });
  const exitCode = await runCommand(args, context);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

/** NDJSON as one chunk of standard input. */
export function stdinOf(...lines: (string | Uint8Array | object)[]): Readable {
  const bytes = lines.map((line) => {
    if (line instanceof Uint8Array) return Buffer.concat([line, Buffer.from("\n")]);
    return Buffer.from(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  });
  return Readable.from([Buffer.concat(bytes)]);
}

/** The values of NDJSON. */
export function valuesOf<Value>(ndjson: string): Value[] {
  return ndjson
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Value);
}

/** What a terminal can do besides; what it does is not looked at. */
const CURSOR = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true };

function captured(columns: number | undefined): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (columns !== undefined) Object.assign(stream, { isTTY: true, columns, ...CURSOR });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
