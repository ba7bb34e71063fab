import { BackendError } from "../../../model/errors.ts";
import { inFile } from "./inFile.ts";
import { areSame, metaPair, type Meta, type MetaBytes } from "./metas.ts";
import type { PageFile } from "./PageFile.ts";
import { Snapshot, type ReadValue } from "./Snapshot.ts";

/**
 * How often something is read anew because commits came too fast. Values need not be read again, so
 * that a further try takes some 20 us, and is in vain only if two commits end within it, or one where
 * what is looked at is the state before one under way.
 */
const MAX_TRIES = 1_000;

/** What gives looks at a file, see {@link Snapshots}. */
export type Looks = Pick<Snapshots, "look">;

/** Whether a transaction that can be seen is on disk as well. */
export type IsDurable = (txnid: number) => boolean;

/** What {@link Snapshots} can be told of a file. */
export interface SnapshotsConfig {
  /** Looks are at the transaction before where the last one is not durable; by default all are. */
  readonly isDurable?: IsDurable;
  /** Nobody writes any more: the first look finds the state that all are at. Default false. */
  readonly isFinal?: boolean;
}

interface Taken {
  readonly metas: MetaBytes;
  /** The last transaction, which the snapshot may be of or the one before. */
  readonly newestTxnid: number;
  readonly snapshot: Snapshot;
}

/**
 * Looks at a data.mdb beside whoever writes it, in this or another process.
 *
 * No reader is registered with LMDB, so that it may use pages again while they are read here. But it
 * copies what it changes, and transaction T takes only pages that T - 2 or older ones have freed. So
 * the snapshot of transaction S is whole until S + 2 is committed, which writes over the meta page
 * of S. What a look has found, be it something, nothing or damage, counts only if that page is the
 * same afterwards.
 */
export class Snapshots {
  readonly #file: PageFile;
  readonly #values = new Map<number, ReadValue>();
  /** The snapshot that is of use while the meta pages are these, and the newest is on disk or not. */
  #taken: Taken | undefined;
  readonly #isDurable: IsDurable;
  readonly #isFinal: boolean;

  constructor(file: PageFile, { isDurable = () => true, isFinal = false }: SnapshotsConfig = {}) {
    this.#file = file;
    this.#isDurable = isDurable;
    this.#isFinal = isFinal;
  }

  /**
   * Gives a look at what is durable now; while nothing is committed, at the same snapshot as before.
   *
   * @param look - takes all that it needs before it returns, and is called again if it was overtaken
   * @throws what the look throws; {@link CorruptedError}; {@link BackendError} where it was overtaken
   * too often; the error of the file system.
   */
  look<Result>(look: (snapshot: Snapshot) => Result): Result {
    return inFile(this.#file.path, () => this.#look(look));
  }

  #look<Result>(look: (snapshot: Snapshot) => Result): Result {
    try {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const snapshot = this.#take();
        const outcome = outcomeOf(() => look(snapshot));
        if (this.#stands(snapshot)) return outcome();
        this.#taken = undefined;
      }
      throw this.#overtaken();
    } finally {
      this.#values.clear();
    }
  }

  #take(): Snapshot {
    if (this.#isFinal && this.#taken !== undefined) return this.#taken.snapshot;
    let before: MetaBytes | undefined;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const metas = this.#file.readMetas();
      const taken = this.#taken;
      if (taken !== undefined && this.#isOfUse(taken, metas)) return taken.snapshot;
      try {
        this.#taken = this.#takenOf(metas, taken?.snapshot);
        return this.#taken.snapshot;
      } catch (error) {
        // Damage stays; between the reading of the two pages there may have been commits.
        if (before !== undefined && areSame(before, metas)) throw error;
        before = metas;
      }
    }
    throw this.#overtaken();
  }

  /** @throws {@link CorruptedError} for meta pages that LMDB does not write. */
  #takenOf(metas: MetaBytes, held: Snapshot | undefined): Taken {
    const { newer, older } = metaPair(...metas, this.#file.pageBytes);
    const meta = this.#isDurable(newer.txnid) ? newer : older;
    // When a transaction appears that is not durable yet, the one before may be held already.
    const isHeld = held !== undefined && isSame(held.meta, meta);
    const snapshot = isHeld ? held : new Snapshot(this.#file, meta, this.#values);
    return { metas, newestTxnid: newer.txnid, snapshot };
  }

  #isOfUse({ metas, newestTxnid, snapshot }: Taken, now: MetaBytes): boolean {
    const isNewest = snapshot.meta.txnid === newestTxnid;
    return areSame(metas, now) && (isNewest || !this.#isDurable(newestTxnid));
  }

  #stands({ meta }: Snapshot): boolean {
    if (this.#isFinal) return true;
    return isSame({ bytes: this.#file.readMeta(meta.pageNumber) }, meta);
  }

  #overtaken(): BackendError {
    return new BackendError(`${this.#file.path} is written faster than it can be read`);
  }
}

/** Whether two readings of a meta page are of one state. */
function isSame(a: Pick<Meta, "bytes">, b: Pick<Meta, "bytes">): boolean {
  return Buffer.compare(a.bytes, b.bytes) === 0;
}

/** What a step comes to, to be had later. */
function outcomeOf<Result>(step: () => Result): () => Result {
  try {
    const result = step();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
