import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { CorruptedError } from "../../model/errors.ts";
import type { Checkpoints } from "../Backend.ts";
import { CHECKPOINT_FILE_NAME, MAX_LINE_BYTES } from "./checkpointLine.ts";
import { CheckpointScan } from "./CheckpointScan.ts";
import { classifyError } from "./classifyError.ts";
import { READ_FLAGS } from "./openFlags.ts";

/** The end of the file in which the latest checkpoint is looked for. */
const TAIL_BYTES = 8 * MAX_LINE_BYTES;
const PIECE_BYTES = 64 * 1024;

/**
 * The heads that the checkpoints.log of a run's folder remembers. Rejects only with what the disk
 * says: a file that is missing or damaged is a problem of its own, and none of the log.
 *
 * @param whole - Look for damage in all of it; else the end alone is read, where that tells enough.
 */
export async function readCheckpoints(
  folder: string,
  whole: boolean = false,
): Promise<Checkpoints> {
  try {
    const tail = whole ? undefined : await scanCheckpoints(folder, TAIL_BYTES);
    if (tail?.latest !== undefined) return { latest: tail.latest };
    return checkpointsOf(await scanCheckpoints(folder));
  } catch (error) {
    const failure = classifyError(error, folder);
    if (failure instanceof CorruptedError) return { problem: failure.reason };
    throw failure;
  }
}

function checkpointsOf({ latest, hasHeader, damagedLines }: CheckpointScan): Checkpoints {
  const known = latest === undefined ? {} : { latest };
  if (!hasHeader) return { ...known, problem: problemOf("does not begin with its version") };
  if (damagedLines === 0) return known;
  return { ...known, problem: problemOf(`has lines that cannot be read: ${damagedLines}`) };
}

/**
 * Reads the last bytes of the file, or all of it.
 *
 * @throws {@link CorruptedError} where it is missing or no file, and what the file system says.
 */
export async function scanCheckpoints(
  folder: string,
  bytes: number = Infinity,
): Promise<CheckpointScan> {
  const handle = await opened(folder);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new CorruptedError(problemOf("is no file"));
    const start = Math.max(0, stats.size - bytes);
    const scan = new CheckpointScan(start);
    for await (const piece of piecesOf(handle, start)) scan.read(piece);
    scan.finish();
    return scan;
  } finally {
    await handle.close();
  }
}

async function opened(folder: string): Promise<FileHandle> {
  try {
    return await open(join(folder, CHECKPOINT_FILE_NAME), READ_FLAGS);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new CorruptedError(problemOf("is missing"));
    if (code === "ELOOP") throw new CorruptedError(problemOf("is a symbolic link"));
    throw cause;
  }
}

async function* piecesOf(handle: FileHandle, start: number): AsyncGenerator<Buffer> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = start; ;) {
    const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, at);
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
    at += bytesRead;
  }
}

function problemOf(what: string): string {
  return `${CHECKPOINT_FILE_NAME} ${what}`;
}
