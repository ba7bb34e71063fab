import { readSync } from "node:fs";
import { BackendError } from "../../model/errors.ts";
import type { WriterRequest } from "./protocol.ts";

/*
 * How a request crosses the pipe, little-endian:
 *
 *     u32 bytes of the head · u32 bytes of the body · head (JSON) · body (frames, end to end)
 *
 * In the head of an append the lengths of the frames stand for the frames.
 */

const PREFIX_BYTES = 8;
const MIB = 2 ** 20;
/** Room for the lengths of more frames than one transaction takes. */
const MAX_HEAD_BYTES = MIB;
/** More than the largest batch, of 64 MiB and one entry more. */
const MAX_BODY_BYTES = 512 * MIB;
/** What a transaction mostly stays below; the memory for it is used again and again. */
const KEPT_BYTES = 8 * MIB;

type Head =
  | Exclude<WriterRequest, { readonly type: "append" }>
  | { readonly type: "append"; readonly frames: readonly number[] };

/**
 * The bytes of a request in their order: one array of ours, then those of the frames, not copied.
 *
 * @throws {@link BackendError} where it is too large for one transaction.
 */
export function encodeRequest(request: WriterRequest): readonly Uint8Array[] {
  const frames = request.type === "append" ? request.frames : [];
  const lengths = frames.map(({ byteLength }) => byteLength);
  const bodyBytes = sumOf(lengths);
  const head: Head = request.type === "append" ? { type: "append", frames: lengths } : request;
  const text = JSON.stringify(head);
  const headBytes = Buffer.byteLength(text);
  if (headBytes > MAX_HEAD_BYTES || bodyBytes > MAX_BODY_BYTES) {
    throw new BackendError(`${frames.length} frames of ${bodyBytes} bytes are too much at once`);
  }
  const start = Buffer.allocUnsafe(PREFIX_BYTES + headBytes);
  start.writeUInt32LE(headBytes, 0);
  start.writeUInt32LE(bodyBytes, 4);
  start.write(text, PREFIX_BYTES);
  return [start, ...frames];
}

/** Reads requests from a file that blocks until one is there. */
export class RequestReader {
  readonly #file: number;
  readonly #kept = Buffer.allocUnsafeSlow(KEPT_BYTES);
  /** What was read and not given yet. */
  #start = 0;
  #end = 0;

  constructor(file: number) {
    this.#file = file;
  }

  /**
   * The next request, or undefined where nothing more comes; one that is cut off was never made.
   * Its frames are views on memory that the next call uses again.
   *
   * @throws {@link BackendError} for what is no request, or what the file system says.
   */
  next(): WriterRequest | undefined {
    const prefix = this.#take(PREFIX_BYTES);
    if (prefix === undefined) return undefined;
    const headBytes = prefix.readUInt32LE(0);
    const bodyBytes = prefix.readUInt32LE(4);
    if (headBytes > MAX_HEAD_BYTES || bodyBytes > MAX_BODY_BYTES) {
      throw new BackendError(`A request says that it has ${headBytes} + ${bodyBytes} bytes`);
    }
    const bytes = this.#take(headBytes + bodyBytes);
    if (bytes === undefined) return undefined;
    const head = JSON.parse(bytes.toString("utf8", 0, headBytes)) as Head;
    if (head.type !== "append") return head;
    return { type: "append", frames: framesOf(bytes.subarray(headBytes), head.frames) };
  }

  /** So many bytes more, or undefined where the file ends before that. */
  #take(byteLength: number): Buffer | undefined {
    if (byteLength > KEPT_BYTES) return this.#takeLarge(byteLength);
    if (this.#start + byteLength > KEPT_BYTES) this.#moveToFront();
    // As much as is there at once: mostly that is a whole request.
    while (this.#end - this.#start < byteLength) {
      const read = readSync(this.#file, this.#kept, this.#end, KEPT_BYTES - this.#end, null);
      if (read === 0) return undefined;
      this.#end += read;
    }
    const bytes = this.#kept.subarray(this.#start, this.#start + byteLength);
    this.#start += byteLength;
    // A request mostly starts where the memory does, and ends what was read.
    if (this.#start === this.#end) this.#start = this.#end = 0;
    return bytes;
  }

  #takeLarge(byteLength: number): Buffer | undefined {
    const bytes = Buffer.allocUnsafeSlow(byteLength);
    let filled = this.#kept.copy(bytes, 0, this.#start, this.#end);
    this.#start = this.#end = 0;
    while (filled < byteLength) {
      const read = readSync(this.#file, bytes, filled, byteLength - filled, null);
      if (read === 0) return undefined;
      filled += read;
    }
    return bytes;
  }

  #moveToFront(): void {
    this.#kept.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}

function framesOf(body: Buffer, lengths: readonly number[]): readonly Uint8Array[] {
  if (!lengths.every((bytes) => Number.isSafeInteger(bytes) && bytes >= 0)) {
    throw new BackendError("A request has a frame without a length");
  }
  if (sumOf(lengths) !== body.byteLength) {
    throw new BackendError(`A request has ${body.byteLength} bytes and says something else`);
  }
  let at = 0;
  return lengths.map((bytes) => body.subarray(at, (at += bytes)));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
