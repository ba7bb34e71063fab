import { statfsSync } from "node:fs";
import { BackendError, CorruptedError, DiskError, TidemarkError } from "../../model/errors.ts";

const EIO = 5;
/** ENOSPC, EDQUOT and EFBIG. */
const ROOM_NUMBERS: ReadonlySet<number> = new Set([28, 122, 27]);
/** ENOSPC, EDQUOT, EFBIG, EIO, EROFS, ENXIO, ENODEV, EBADFD. */
const DISK_NUMBERS: ReadonlySet<number> = new Set([28, 122, 27, EIO, 30, 6, 19, 77]);
/** MDB_CORRUPTED, PAGE_NOTFOUND, INVALID, VERSION_MISMATCH, BAD_TXN and PROBLEM. */
const DAMAGE_NUMBERS: ReadonlySet<number> = new Set([
  -30_796, -30_797, -30_793, -30_794, -30_782, -30_778,
]);
/** MDB_NOTFOUND. */
const HIDDEN_NUMBER = -30_798;

const MIB = 2 ** 20;
/** The last bytes of a disk: by them a full disk is told, and room is made in small steps there. */
export const RESERVED_DISK_BYTES: number = 64 * MIB;

/**
 * What a failure of the file system or of LMDB is: by its number alone, since LMDB's texts repeat
 * what failed before. An error of ours is given back as it is.
 *
 * @param folder - where it happened; tells a full disk, which mostly comes as EIO, from a failing one.
 */
export function classifyError(error: unknown, folder: string): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const number = numberOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (number !== undefined && DAMAGE_NUMBERS.has(number)) {
    return new CorruptedError(text, undefined, options);
  }
  if (number !== undefined && DISK_NUMBERS.has(number)) {
    const message = number === EIO && isFull(folder) ? `The disk is full: ${text}` : text;
    return new DiskError(message, number, options);
  }
  return new BackendError(text, number, options);
}

/**
 * What a failure to open a folder says, in words that fit: lmdb makes MDB_NOTFOUND of whatever error
 * the `fstat` gave by which it knows again what is already open.
 */
export function explainedOpening(error: unknown, folder: string): unknown {
  if (numberOf(error) !== HIDDEN_NUMBER) return error;
  const message = `lmdb could not ask for the state of a file in ${folder}`;
  return new BackendError(message, undefined, { cause: error });
}

/** Whether a failure says that there is no room: on the disk, for the user, or in the file. */
export function isOfRoom(error: unknown): boolean {
  const number = numberOf(error);
  return number !== undefined && ROOM_NUMBERS.has(number);
}

/** LMDB gives a number as `code`; Node a name as `code` and the number, negated, as `errno`. */
function numberOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (typeof code === "number") return code;
  return typeof errno === "number" ? Math.abs(errno) : undefined;
}

function isFull(folder: string): boolean {
  try {
    return freeBytesOf(folder) < RESERVED_DISK_BYTES;
  } catch {
    // The failure that is being told must not be hidden by one of the question about it.
    return false;
  }
}

/** The bytes that are free to us on the disk of a folder. */
export function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
