import { BackendError } from "../../model/errors.ts";
import { isFailure } from "./failure.ts";
import type { LogState } from "./LogWriter.ts";
import type { WriterReply } from "./protocol.ts";

/* How a reply crosses the pipe: one line of JSON. */

/** More than any reply has; what is longer is none. */
const MAX_REPLY_BYTES = 64 * 1024;
const END_OF_LINE = 0x0a;

type Fields = Readonly<Record<string, unknown>>;

const SHAPES: Readonly<Record<WriterReply["type"], (reply: Fields) => boolean>> = {
  checked: () => true,
  opened: ({ state }) => isState(state),
  committed: ({ toSeq, commitMs }) => isCount(toSeq) && typeof commitMs === "number",
  anchored: () => true,
  checkpointed: () => true,
  ended: ({ state }) => isState(state),
  refused: ({ failure }) => isFailure(failure),
  failed: ({ failure }) => isFailure(failure),
};

/** The bytes of a reply. */
export function encodeReply(reply: WriterReply): Uint8Array {
  return Buffer.from(`${JSON.stringify("state" in reply ? withText(reply) : reply)}\n`);
}

/** Puts replies together again, wherever the pipe has cut them. */
export class ReplyReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * The replies that end in this chunk.
   *
   * @throws {@link BackendError} for what is no reply; nothing more can be read then.
   */
  push(chunk: Buffer): readonly WriterReply[] {
    const bytes = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const replies: WriterReply[] = [];
    let start = 0;
    for (let end = bytes.indexOf(END_OF_LINE); end >= 0; end = bytes.indexOf(END_OF_LINE, start)) {
      checkLength(end - start);
      replies.push(decodeReply(bytes.toString("utf8", start, end)));
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
    checkLength(this.#rest.byteLength);
    return replies;
  }
}

function checkLength(bytes: number): void {
  if (bytes > MAX_REPLY_BYTES) throw notUnderstood(`more than ${MAX_REPLY_BYTES} bytes`);
}

function decodeReply(line: string): WriterReply {
  let reply: unknown;
  try {
    reply = JSON.parse(line);
    if (isObject(reply) && "state" in reply) reply = withBigInt(reply);
  } catch (cause) {
    throw notUnderstood("no JSON", cause);
  }
  if (!isReply(reply)) throw notUnderstood("another shape");
  return reply;
}

/** JSON has no bigint: the one of all replies crosses as text. */
function withText({ state, ...reply }: Extract<WriterReply, { readonly state: LogState }>): Fields {
  const { maxTsInit, ...rest } = state;
  return maxTsInit === undefined
    ? { ...reply, state }
    : { ...reply, state: { ...rest, maxTsInit: String(maxTsInit) } };
}

function withBigInt(reply: Fields): Fields {
  const { state } = reply;
  if (!isObject(state) || typeof state["maxTsInit"] !== "string") return reply;
  return { ...reply, state: { ...state, maxTsInit: BigInt(state["maxTsInit"]) } };
}

function isReply(value: unknown): value is WriterReply {
  if (!isObject(value)) return false;
  const { type } = value;
  return typeof type === "string" && Object.hasOwn(SHAPES, type)
    ? SHAPES[type as WriterReply["type"]](value)
    : false;
}

function isState(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { epoch, watermark, maxTsInit } = value;
  const hasTsInit = maxTsInit === undefined || typeof maxTsInit === "bigint";
  return isCount(epoch) && isCount(watermark) && hasTsInit;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function notUnderstood(what: string, cause?: unknown): BackendError {
  const message = `The writer process cannot be understood: its reply has ${what}`;
  return new BackendError(message, undefined, cause === undefined ? {} : { cause });
}
