import { crc32 } from "node:zlib";
import type { Checkpoint } from "../Backend.ts";

/** The name of the file that remembers a run's heads, one line each. */
export const CHECKPOINT_FILE_NAME = "checkpoints.log";
/** The first line of that file, which names its version. */
export const CHECKPOINT_HEADER = "tidemark checkpoints 1\n";
/** More than any line has. */
export const MAX_LINE_BYTES = 128;

const LINE = /^((?:0|[1-9][0-9]{0,15}) (?:0|[1-9][0-9]{0,15}) [0-9a-f]{64}) ([0-9a-f]{8})$/;

/** A checkpoint as a line: seq, epoch, digest, and the CRC-32 of all that. */
export function encodeCheckpoint({ seq, epoch, digest }: Checkpoint): string {
  const text = `${seq} ${epoch} ${Buffer.from(digest).toString("hex")}`;
  return `${text} ${crcOf(text)}\n`;
}

/** The checkpoint of a line without its end, or undefined where it is not what was written. */
export function decodeCheckpoint(line: string): Checkpoint | undefined {
  const [, text = "", crc] = LINE.exec(line) ?? [];
  if (crc === undefined || crc !== crcOf(text)) return undefined;
  const [seq = "", epoch = "", digest = ""] = text.split(" ");
  const checkpoint = { seq: Number(seq), epoch: Number(epoch), digest: bytesOf(digest) };
  const isSafe = Number.isSafeInteger(checkpoint.seq) && Number.isSafeInteger(checkpoint.epoch);
  return isSafe ? checkpoint : undefined;
}

function crcOf(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
