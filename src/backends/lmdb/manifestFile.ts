import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { CorruptedError, NotFoundError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import { classifyError } from "./classifyError.ts";
import { replaceFile } from "./durableFiles.ts";
import { CHECKSUM_BYTES, provenText, withChecksum } from "./manifestChecksum.ts";
import { decodeManifest, encodeManifest, MAX_MANIFEST_BYTES } from "./manifestJson.ts";
import { READ_FLAGS } from "./openFlags.ts";

/** The file of a run that tells what the run is; a folder without it was never a run. */
export const MANIFEST_FILE_NAME = "manifest.json";

const MAX_FILE_BYTES = MAX_MANIFEST_BYTES + CHECKSUM_BYTES;

/** Stores a manifest in place of the one before; it is on disk when this resolves. */
export async function writeManifest(folder: string, manifest: RunManifest): Promise<void> {
  await replaceFile(join(folder, MANIFEST_FILE_NAME), withChecksum(encodeManifest(manifest)));
}

/**
 * The manifest of a run's folder.
 *
 * @throws {@link NotFoundError} where there is none, {@link CorruptedError},
 * {@link UnsupportedFormatError}, or what {@link classifyError} makes of a failure to read.
 */
export async function readManifest(folder: string): Promise<RunManifest> {
  const path = join(folder, MANIFEST_FILE_NAME);
  try {
    const handle = await open(path, READ_FLAGS);
    try {
      return manifestOf(await bytesOf(handle, path), path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") throw new NotFoundError(path, { cause: error });
    if (code === "ELOOP") throw new CorruptedError(`${path} is a symbolic link`);
    // What a socket says.
    if (code === "ENXIO") throw new CorruptedError(`${path} is no file`);
    throw classifyError(error, folder);
  }
}

function manifestOf(bytes: Uint8Array, path: string): RunManifest {
  const text = provenText(bytes);
  if (text !== undefined) return decodeManifest(text);
  // Another version may be proven in another way, and is told as such.
  decodeManifest(bytes);
  throw new CorruptedError(`${path} is not what was written`);
}

async function bytesOf(handle: FileHandle, path: string): Promise<Uint8Array> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw new CorruptedError(`${path} is no file`);
  if (stats.size > MAX_FILE_BYTES) {
    throw new CorruptedError(`${path} has more than ${MAX_FILE_BYTES} bytes`);
  }
  const bytes = Buffer.alloc(stats.size);
  const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, 0);
  return bytes.subarray(0, bytesRead);
}
