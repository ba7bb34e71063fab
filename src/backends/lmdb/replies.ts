import { BackendError } from "../../model/errors.ts";
import { isFailure } from "./failure.ts";
import type { LogState } from "./LogWriter.ts";
import type { WriterReply } from "./protocol.ts";

/*
 * How a reply crosses the pipe: one line of JSON. The one of every commit is shorter:
 *
 *     u8 1, which begins no JSON · f64 toSeq · f64 commitMs · f64 txnid, little-endian
 */

const COMMITTED = 1;
const AT_TO_SEQ = 1;
const AT_COMMIT_MS = 9;
const AT_TXNID = 17;
const COMMITTED_BYTES = 25;

/** More than any reply has; what is longer is none. */
const MAX_REPLY_BYTES = 64 * 1024;
const END_OF_LINE = 0x0a;

const NOTHING = Buffer.alloc(0);

type Committed = Extract<WriterReply, { readonly type: "committed" }>;
type Fields = Readonly<Record<string, unknown>>;

const SHAPES: Readonly<Record<WriterReply["type"], (reply: Fields) => boolean>> = {
  checked: () => true,
  opened: ({ state, txnid }) => isState(state) && isCount(txnid),
  // It is never told in JSON.
  committed: () => false,
  anchored: ({ txnid }) => isCount(txnid),
  checkpointed: () => true,
  ended: ({ state }) => isState(state),
  refused: ({ failure }) => isFailure(failure),
  failed: ({ failure }) => isFailure(failure),
};

/** The bytes of a reply. */
export function encodeReply(reply: WriterReply): Uint8Array {
  if (reply.type === "committed") return encodeCommitted(reply);
  return Buffer.from(`${JSON.stringify("state" in reply ? withText(reply) : reply)}\n`);
}

function encodeCommitted({ toSeq, commitMs, txnid }: Committed): Uint8Array {
  const bytes = Buffer.allocUnsafe(COMMITTED_BYTES);
  bytes[0] = COMMITTED;
  bytes.writeDoubleLE(toSeq, AT_TO_SEQ);
  bytes.writeDoubleLE(commitMs, AT_COMMIT_MS);
  bytes.writeDoubleLE(txnid, AT_TXNID);
  return bytes;
}

/** Puts replies together again, wherever the pipe has cut them. */
export class ReplyReader {
  #rest: Buffer = NOTHING;

  /**
   * The replies that end in this chunk.
   *
   * @throws {@link BackendError} for what is no reply; nothing more can be read then.
   */
  push(chunk: Buffer): readonly WriterReply[] {
    const bytes = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const replies: WriterReply[] = [];
    let start = 0;
    for (let end = endIn(bytes, start); end > start; end = endIn(bytes, start)) {
      checkLength(end - start);
      replies.push(replyIn(bytes, start, end));
      start = end;
    }
    this.#rest = start === bytes.byteLength ? NOTHING : bytes.subarray(start);
    checkLength(this.#rest.byteLength);
    return replies;
  }
}

/** Where the reply that starts there ends; there, too, where that is not known yet. */
function endIn(bytes: Buffer, start: number): number {
  if (bytes[start] !== COMMITTED) return bytes.indexOf(END_OF_LINE, start) + 1;
  const end = start + COMMITTED_BYTES;
  return end > bytes.byteLength ? start : end;
}

function replyIn(bytes: Buffer, start: number, end: number): WriterReply {
  if (bytes[start] !== COMMITTED) return decodeReply(bytes.toString("utf8", start, end - 1));
  const toSeq = bytes.readDoubleLE(start + AT_TO_SEQ);
  const commitMs = bytes.readDoubleLE(start + AT_COMMIT_MS);
  const txnid = bytes.readDoubleLE(start + AT_TXNID);
  const isCommit = isCount(toSeq) && commitMs >= 0 && isCount(txnid);
  if (!isCommit) throw notUnderstood("another shape");
  return { type: "committed", toSeq, commitMs, txnid };
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
