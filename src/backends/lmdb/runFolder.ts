import type { Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import { CorruptedError, InvalidConfigError, NotFoundError } from "../../model/errors.ts";
import { checkId, isId } from "../../model/ids.ts";
import type { RunManifest } from "../../model/manifest.ts";
import { classifyError } from "./classifyError.ts";
import { makeFolder } from "./durableFiles.ts";
import { readManifest } from "./manifestFile.ts";

/** What a directory cannot be by reason of its path: a caller's mistake, not a failure. */
const BAD_PATH_CODES: ReadonlySet<unknown> = new Set([
  "ENOTDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EINVAL",
  "ENOENT",
  "ERR_INVALID_ARG_VALUE",
]);

/** The folder of an instance: `<directory>/<instanceId>`. @throws {@link InvalidConfigError} */
export function instanceFolderOf(directory: string, instanceId: string): string {
  return inside(directory, checkId("instanceId", instanceId));
}

/** The folder of a run: `<directory>/<instanceId>/<runId>`. @throws {@link InvalidConfigError} */
export function runFolderOf(directory: string, instanceId: string, runId: string): string {
  return inside(instanceFolderOf(directory, instanceId), checkId("runId", runId));
}

/** Makes the directory of a catalog, with what leads to it, where it is not there. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    if (await isDirectory(directory)) return;
    const parent = dirname(directory);
    if (parent !== directory) await makeDirectory(parent);
    await makeFolderOnce(directory);
  } catch (error) {
    throw directoryError(error, directory);
  }
}

/** Makes the folder of an instance where it is not there. Rejects {@link CorruptedError} for a link. */
export async function makeInstanceFolder(folder: string): Promise<void> {
  try {
    if (!(await isRealFolder(folder))) await makeFolderOnce(folder);
  } catch (error) {
    throw classifyError(error, dirname(folder));
  }
}

/**
 * The manifest of a run's folder, which must be what its path says.
 *
 * @throws {@link NotFoundError}, {@link CorruptedError} also where the folder is a symbolic link,
 * {@link UnsupportedFormatError}, or what the disk says.
 */
export async function readRunManifest(folder: string): Promise<RunManifest> {
  const [instanceFolder, runId] = [dirname(folder), basename(folder)];
  for (const path of [instanceFolder, folder]) {
    if (!(await isThere(path))) throw new NotFoundError(path);
  }
  const manifest = await readManifest(folder);
  if (manifest.runId !== runId || manifest.instanceId !== basename(instanceFolder)) {
    throw new CorruptedError(`${folder} holds run ${manifest.instanceId}/${manifest.runId}`);
  }
  return manifest;
}

/**
 * The ids for which a folder holds something, in no order; none where there is no folder.
 *
 * @param withLinks - Also those that are symbolic links, which nobody may follow.
 */
export async function idsIn(folder: string, withLinks: boolean): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(
        (entry) =>
          isId(entry.name) && (entry.isDirectory() || (withLinks && entry.isSymbolicLink())),
      )
      .map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * Whether a folder of ours is there. A symbolic link in its place is refused: it may lead anywhere,
 * and two names would be two leases. @throws {@link CorruptedError}
 */
export async function isRealFolder(path: string): Promise<boolean> {
  const stats = await statsOf(lstat, path);
  if (stats === undefined) return false;
  if (stats.isSymbolicLink()) throw new CorruptedError(`${path} is a symbolic link`);
  if (!stats.isDirectory()) throw new CorruptedError(`${path} is no folder`);
  return true;
}

/** A file in the place of a folder is none; a link in its place is damage. */
async function isThere(folder: string): Promise<boolean> {
  try {
    return (await isFolderOrLink(folder)) && (await isRealFolder(folder));
  } catch (error) {
    throw classifyError(error, dirname(folder));
  }
}

async function isFolderOrLink(path: string): Promise<boolean> {
  const stats = await statsOf(lstat, path);
  return stats !== undefined && (stats.isDirectory() || stats.isSymbolicLink());
}

/** What is wrong with the directory of a catalog that cannot be used. */
export function directoryError(error: unknown, directory: string): Error {
  if (!BAD_PATH_CODES.has((error as NodeJS.ErrnoException).code)) {
    return classifyError(error, directory);
  }
  return new InvalidConfigError("directory", "the path of a folder", directory, { cause: error });
}

async function isDirectory(path: string): Promise<boolean> {
  // The directory itself is the caller's: it may be reached through a link.
  const stats = await statsOf(stat, path);
  if (stats === undefined || stats.isDirectory()) return stats !== undefined;
  throw new InvalidConfigError("directory", "the path of a folder", path);
}

async function statsOf(
  look: (path: string) => Promise<Stats>,
  path: string,
): Promise<Stats | undefined> {
  try {
    return await look(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

async function makeFolderOnce(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    // Somebody else made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function inside(base: string, name: string): string {
  const folder = resolve(base, name);
  if (dirname(folder) !== resolve(base) || !folder.endsWith(sep + name)) {
    throw new InvalidConfigError("id", `a name inside ${base}`, name);
  }
  return folder;
}
