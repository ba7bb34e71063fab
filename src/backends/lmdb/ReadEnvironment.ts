import { BackendError, ClosedError } from "../../model/errors.ts";
import { classifyError } from "./classifyError.ts";
import { openEnvironment, type Environment } from "./environment.ts";

/*
 * All opens of one file in a process share one native environment with the flags of the first, so a
 * folder that is open for reading cannot be opened for writing. These two tables are of the process
 * because LMDB's is.
 */
const readersByFolder = new Map<string, Set<ReadEnvironment>>();
const openingsByFolder = new Map<string, Promise<unknown>>();

/**
 * A run's environment on the main thread, for reading. It opens on first use, and no read
 * transaction stays open between two looks: each sees what is durable at its time, and none keeps
 * the writer from using pages again.
 */
export class ReadEnvironment {
  readonly #folder: string;
  #opening: Promise<Environment> | undefined;
  #refusal: (() => Error) | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Gives a look at what is durable now; what LMDB gives out are copies. Rejects
   * {@link ClosedError}, {@link BackendError} after `fail`, or what {@link classifyError} says.
   */
  async read<Result>(look: (environment: Environment) => Result): Promise<Result> {
    const opening = (this.#opening ??= this.#open());
    try {
      const environment = await opening;
      // Meanwhile it may have been closed or detached: from here on nothing comes between.
      if (this.#opening !== opening) return await this.read(look);
      try {
        return look(environment);
      } finally {
        environment.resetReadTxn();
      }
    } catch (error) {
      throw classifyError(error, this.#folder);
    }
  }

  /** Closes the environment; a second call does nothing. */
  async close(): Promise<void> {
    this.#refusal ??= () => new ClosedError("log");
    await this.detach();
  }

  /** Lets go of the environment without touching it any more. */
  fail(): void {
    this.#refusal = () => new BackendError("The backend has failed; nothing is read from it");
    this.#letGo();
  }

  /** Closes the environment until the next look. */
  async detach(): Promise<void> {
    const opening = this.#opening;
    this.#letGo();
    // Where it could not be opened there is nothing to close, and the look that failed tells.
    const environment = await opening?.catch(() => undefined);
    await environment?.close();
  }

  async #open(): Promise<Environment> {
    try {
      await openingsByFolder.get(this.#folder);
      if (this.#refusal !== undefined) throw this.#refusal();
      const readers = readersByFolder.get(this.#folder) ?? new Set();
      readersByFolder.set(this.#folder, readers.add(this));
      return await openEnvironment(this.#folder, "read");
    } catch (error) {
      this.#letGo();
      throw error;
    }
  }

  #letGo(): void {
    this.#opening = undefined;
    const readers = readersByFolder.get(this.#folder);
    readers?.delete(this);
    if (readers?.size === 0) readersByFolder.delete(this.#folder);
  }
}

/**
 * Runs an opening for writing while no reader of this thread has the folder open; they open again at
 * their next look, when the writer is there.
 */
export async function withoutReaders<Result>(
  folder: string,
  open: () => Promise<Result>,
): Promise<Result> {
  const opened = detachReaders(folder).then(open);
  const opening = opened.catch(() => undefined);
  openingsByFolder.set(folder, opening);
  try {
    return await opened;
  } finally {
    openingsByFolder.delete(folder);
  }
}

async function detachReaders(folder: string): Promise<void> {
  const readers = [...(readersByFolder.get(folder) ?? [])];
  await Promise.all(readers.map((reader) => reader.detach()));
}
