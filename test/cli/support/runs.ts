import * as assert from "uvu/assert";
import { listRuns, readRun, type Entry } from "../../../src/index.ts";
import { run, stdinOf } from "./testContext.ts";

interface DraftLine {
  readonly topic: string;
  readonly payloadType: string;
  readonly payload?: string;
  readonly payloadBase64?: string;
  readonly tsInit?: string;
  readonly headers?: { readonly correlationId: string };
  readonly indexKeys: { readonly kind: string; readonly key: string }[];
}

/** A correlation id. */
export const CORRELATION = "00000000-0000-4000-8000-00000000000a";
/** A line with everything that a draft may have. */
export const ORDER: DraftLine = {
  topic: "exec.command",
  payloadType: "SubmitOrder",
  payload: '{"price":5155.50}',
  tsInit: "1715126400000000001",
  headers: { correlationId: CORRELATION },
  indexKeys: [{ kind: "clientOrderId", key: "O-19" }],
};
/** A line with a payload that is no text. */
export const FILL: DraftLine = {
  topic: "exec.event",
  payloadType: "Fill",
  payloadBase64: "/+8=",
  indexKeys: [{ kind: "clientOrderId", key: "O-19" }],
};

/** Records lines in a new run and gives its id. */
export async function recorded(
  directory: string,
  ...lines: (string | Uint8Array | object)[]
): Promise<string> {
  const { exitCode, stderr } = await run(["record", directory], { stdin: stdinOf(...lines) });
  assert.is(exitCode, 0, stderr);
  const runs = await listRuns({ directory });
  return runs.at(-1)?.manifest.runId ?? "";
}

/** The entries of a run, by default the newest. */
export async function entriesOf(directory: string, runId?: string): Promise<Entry[]> {
  await using reader = await readRun({ directory, ...(runId === undefined ? {} : { runId }) });
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return entries;
}

/** The payloads of the callers' entries, a character for each byte. */
export async function payloadsIn(directory: string, runId?: string): Promise<string[]> {
  const entries = await entriesOf(directory, runId);
  return entries
    .filter(({ topic }) => !topic.startsWith("run.lifecycle."))
    .map(({ payload }) => Buffer.from(payload).toString("latin1"));
}

/** Whether a text holds what could drive a terminal. */
export function hasControls(text: string): boolean {
  return /[^\P{Cc}\n]/u.test(text);
}
