import type { RootDatabase, RootDatabaseOptions } from "lmdb";
import { BackendError } from "../../model/errors.ts";
import { explainedOpening } from "./classifyError.ts";
import { reserveLockFile } from "./lockFile.ts";

/** An open LMDB environment with its one tree. */
export type Environment = RootDatabase<Uint8Array, Uint8Array>;

/** What is loaded on first use. */
interface Lmdb {
  readonly open: (options: RootDatabaseOptions & { readonly path: string }) => Environment;
}

/** What lmdb has and does not declare. */
interface Undeclared {
  readonly nativeAddon: { getEnvFlags(environment: number): number };
}
interface UndeclaredStore {
  readonly env: { readonly address: number };
}
interface UndeclaredOptions {
  readonly permissionsMode: number;
}

const GIB = 2 ** 30;

/**
 * How every environment is opened; nothing of it is an option. The defaults of lmdb would lose
 * acknowledged commits (overlappingSync) and end the process on a failed one (eventTurnBatching).
 * LMDB itself syncs nothing: each commit is followed by the one sync of `OwnTransactions`.
 */
export const OPEN_OPTIONS: RootDatabaseOptions & UndeclaredOptions = {
  encoding: "binary",
  keyEncoding: "binary",
  overlappingSync: false,
  noSync: true,
  eventTurnBatching: false,
  // The folder is what is opened: <run>/data.mdb and <run>/lock.mdb.
  noSubdir: false,
  // Address space, not memory: a map that grows later can fail where nothing can be caught.
  mapSize: 64 * GIB,
  maxReaders: 512,
  maxDbs: 8,
  permissionsMode: 0o600,
};

const NO_SYNC_FLAG = 0x1_0000;
/** MDB_OVERLAPPINGSYNC, RDONLY, NOMETASYNC, WRITEMAP, MAPASYNC and NOMEMINIT. */
const FORBIDDEN_FLAGS = 0x1000 | 0x2_0000 | 0x4_0000 | 0x8_0000 | 0x10_0000 | 0x100_0000;

/**
 * Opens the environment of a run's folder for writing; whoever reads needs none. lmdb is loaded here,
 * on first use, so that nobody else pays for it. A damaged file must never come here: it would end
 * the process (`checkFoundFile`).
 *
 * @throws whatever lmdb gives, with its number in `code`; {@link BackendError} where the environment
 * is not open as was asked for.
 */
export async function openEnvironment(folder: string): Promise<Environment> {
  const lmdb = await import("lmdb");
  await reserveLockFile(folder);
  const environment = openWith(lmdb, folder);
  const flags = flagsOf(lmdb, environment);
  if ((flags & (FORBIDDEN_FLAGS | NO_SYNC_FLAG)) !== NO_SYNC_FLAG) {
    throw new BackendError(`${folder} is open with flags 0x${flags.toString(16)}`);
  }
  return environment;
}

function openWith({ open }: Lmdb, folder: string): Environment {
  try {
    return open({ ...OPEN_OPTIONS, path: folder });
  } catch (error) {
    throw explainedOpening(error, folder);
  }
}

function flagsOf(lmdb: unknown, environment: unknown): number {
  const { address } = (environment as UndeclaredStore).env;
  return (lmdb as Undeclared).nativeAddon.getEnvFlags(address);
}
