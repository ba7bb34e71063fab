import { readSync } from "node:fs";
import { BackendError } from "../../model/errors.ts";
import { MAX_CARRIED_BYTES, sentRequests } from "./MemoryFile.ts";
import type { WriterRequest } from "./protocol.ts";

/*
 * How a request crosses the pipe, little-endian:
 *
 *     u32 kind · u32 bytes of the head · u32 bytes of the body · head · body
 *
 * The head is JSON, and there is no body. The one that is made for every commit is told by its kind:
 * the head of an append has the lengths of its frames, u32 each, and the body the frames, end to end.
 * The body of a carried one lies in the file in memory, and only the head is in the pipe, which has the
 * place of it, u32, before the lengths.
 */

const KIND_JSON = 0;
const KIND_APPEND = 1;
const KIND_CARRIED_APPEND = 2;

const AT_HEAD_BYTES = 4;
const AT_BODY_BYTES = 8;
const PREFIX_BYTES = 12;
const LENGTH_BYTES = 4;
const PLACE_BYTES = 4;
const MIB = 2 ** 20;
/** Room for the lengths of more frames than one transaction takes. */
const MAX_HEAD_BYTES = MIB;
/** More than the largest batch, of 64 MiB and one entry more. */
const MAX_PIPED_BYTES = 512 * MIB;
/** By kind. */
const MAX_BODY_BYTES: readonly number[] = [0, MAX_PIPED_BYTES, MAX_CARRIED_BYTES];
/** What a request in the pipe mostly stays below; the memory for it is used again and again. */
const KEPT_BYTES = 8 * MIB;

/** More requests than there ever are in the pipe at a time. */
const MAX_AHEAD = 8;

type Other = Exclude<WriterRequest, { readonly type: "append" }>;

/** A request as it arrives; the frames of an append may have been carried by memory. */
export type ReceivedRequest =
  | Other
  | (Extract<WriterRequest, { readonly type: "append" }> & { readonly isCarried?: boolean });

/**
 * The bytes of a request in their order: one array of ours, then those of the frames, not copied.
 *
 * @param place - where in memory the frames of an append are carried, which are not among the bytes then
 * @throws {@link BackendError} where it is too large for one transaction.
 */
export function encodeRequest(request: WriterRequest, place?: number): readonly Uint8Array[] {
  return request.type === "append" ? encodeAppend(request.frames, place) : [encodeOther(request)];
}

function encodeAppend(
  frames: readonly Uint8Array[],
  place: number | undefined,
): readonly Uint8Array[] {
  let bodyBytes = 0;
  for (const { byteLength } of frames) bodyBytes += byteLength;
  const lengthBytes = LENGTH_BYTES * frames.length;
  const start =
    place === undefined
      ? startOf(KIND_APPEND, lengthBytes, bodyBytes)
      : startOf(KIND_CARRIED_APPEND, PLACE_BYTES + lengthBytes, bodyBytes);
  let at = PREFIX_BYTES;
  if (place !== undefined) at = start.writeUInt32LE(place, at);
  for (const { byteLength } of frames) at = start.writeUInt32LE(byteLength, at);
  return place === undefined ? [start, ...frames] : [start];
}

function encodeOther(request: Other): Uint8Array {
  const text = JSON.stringify(request);
  const start = startOf(KIND_JSON, Buffer.byteLength(text), 0);
  start.write(text, PREFIX_BYTES);
  return start;
}

/** Prefix and room for the head. */
function startOf(kind: number, headBytes: number, bodyBytes: number): Buffer {
  if (headBytes > MAX_HEAD_BYTES || bodyBytes > MAX_PIPED_BYTES) {
    throw new BackendError(`${headBytes} + ${bodyBytes} bytes are too much for one request`);
  }
  const start = Buffer.allocUnsafe(PREFIX_BYTES + headBytes);
  start.writeUInt32LE(kind, 0);
  start.writeUInt32LE(headBytes, AT_HEAD_BYTES);
  start.writeUInt32LE(bodyBytes, AT_BODY_BYTES);
  return start;
}

/** Reads requests from a file that blocks until one is there. */
export class RequestReader {
  readonly #file: number;
  readonly #memoryFile: number;
  readonly #kept = Buffer.allocUnsafeSlow(KEPT_BYTES);
  /** What was read and not given yet. */
  #start = 0;
  #end = 0;
  /** What was read of the file in memory. */
  #carried: Buffer | undefined;
  #requests = 0;
  /** The next one, where it was read before it was asked for. */
  #early: ReceivedRequest | undefined;

  constructor(file: number, memoryFile: number) {
    this.#file = file;
    this.#memoryFile = memoryFile;
  }

  /**
   * The next request, or undefined where nothing more comes; one that is cut off was never made.
   * Its frames are views on memory that is used again when a later one is read.
   *
   * @throws {@link BackendError} for what is no request, or what the file system says.
   */
  next(): ReceivedRequest | undefined {
    const request = this.#early ?? this.#read();
    this.#early = undefined;
    return request;
  }

  /** Whether the next request is known to be there, by way of the memory in which large commits come. */
  get isNextThere(): boolean {
    if (this.#early !== undefined) return true;
    const ahead = sentRequests(this.#memoryFile) - this.#requests;
    // A number that was read while it was written would be any.
    return ahead > 0 && ahead <= MAX_AHEAD;
  }

  /** What `next` will give, or undefined where it may have to be waited for. @throws as `next`. */
  early(): ReceivedRequest | undefined {
    if (this.isNextThere) this.#early ??= this.#read();
    return this.#early;
  }

  #read(): ReceivedRequest | undefined {
    const prefix = this.#take(PREFIX_BYTES);
    if (prefix === undefined) return undefined;
    this.#requests += 1;
    const kind = prefix.readUInt32LE(0);
    const headBytes = prefix.readUInt32LE(AT_HEAD_BYTES);
    const bodyBytes = prefix.readUInt32LE(AT_BODY_BYTES);
    const maxBodyBytes = MAX_BODY_BYTES[kind] ?? -1;
    if (headBytes > MAX_HEAD_BYTES || bodyBytes > maxBodyBytes) {
      throw new BackendError(`A request says ${kind} and has ${headBytes} + ${bodyBytes} bytes`);
    }
    const isInMemory = kind === KIND_CARRIED_APPEND;
    const bytes = this.#take(isInMemory ? headBytes : headBytes + bodyBytes);
    if (bytes === undefined) return undefined;
    if (kind === KIND_JSON) return JSON.parse(bytes.toString("utf8")) as Other;
    const head = bytes.subarray(0, headBytes);
    if (!isInMemory) return { type: "append", frames: framesIn(bytes.subarray(headBytes), head) };
    const body = this.#takeFromMemory(bodyBytes, head);
    return { type: "append", frames: framesIn(body, head.subarray(PLACE_BYTES)), isCarried: true };
  }

  #takeFromMemory(byteLength: number, head: Buffer): Buffer {
    if (head.byteLength < PLACE_BYTES) throw new BackendError("A request says no place in memory");
    const place = head.readUInt32LE(0);
    this.#carried ??= Buffer.allocUnsafeSlow(MAX_CARRIED_BYTES);
    const read = readSync(this.#memoryFile, this.#carried, 0, byteLength, place);
    if (read < byteLength) throw new BackendError(`${read} bytes of ${byteLength} are in memory`);
    return this.#carried.subarray(0, byteLength);
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

function framesIn(body: Buffer, head: Buffer): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  let end = 0;
  // What goes beyond the body is cut off here, and told below.
  for (let at = 0; at + LENGTH_BYTES <= head.byteLength; at += LENGTH_BYTES) {
    const start = end;
    end += head.readUInt32LE(at);
    frames.push(body.subarray(start, end));
  }
  if (head.byteLength % LENGTH_BYTES !== 0 || end !== body.byteLength) {
    throw new BackendError(`A request of ${body.byteLength} bytes of frames says something else`);
  }
  return frames;
}
