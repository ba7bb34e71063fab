import { statSync } from "node:fs";
import { join } from "node:path";
import type { Subscribable } from "rxjs";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError } from "../../model/errors.ts";
import type { RunManifest, SnapshotAnchor } from "../../model/manifest.ts";
import type { Checkpoints, PageOptions, RunLog } from "../Backend.ts";
import type { ReadOptions } from "../RunCatalog.ts";
import { classifyError } from "./classifyError.ts";
import { checkDataFile } from "./datafile/checkDataFile.ts";
import { DurableTransactions } from "./DurableTransactions.ts";
import { folderChanges } from "./folderChanges.ts";
import { LmdbReads } from "./LmdbReads.ts";
import { readCheckpoints } from "./readCheckpoints.ts";
import { MANIFEST_FILE_NAME } from "./manifestFile.ts";
import { readRunManifest } from "./runFolder.ts";

/** What a log is made of that was opened. */
interface Parts {
  readonly folder: string;
  readonly durable: DurableTransactions;
  readonly reads: LmdbReads;
}

/** What a look has found. */
interface Found {
  readonly manifest: RunManifest;
  /** The file that the manifest was read of. */
  readonly stamp: string | undefined;
  readonly watermark: Seq;
}

/** One run on the disk, open for reading: sealed, or written by this or another process. */
export class LmdbRunLog implements RunLog {
  readonly changes$: Subscribable<void>;
  readonly #folder: string;
  readonly #durable: DurableTransactions;
  readonly #reads: LmdbReads;
  #found: Found;

  /**
   * Opens a run after a check of its file: by default of all that can be reached in it.
   *
   * Rejects {@link NotFoundError}, {@link CorruptedError}, {@link UnsupportedFormatError}, or what
   * the disk says.
   */
  static async open(folder: string, { check = "full" }: ReadOptions = {}): Promise<LmdbRunLog> {
    const stamp = stampOf(folder);
    const manifest = await readRunManifest(folder);
    const durable = new DurableTransactions(folder);
    // What is sealed was forced to disk before, and a break in it is damage.
    const isSealed = manifest.status !== "running";
    const isDurable = (txnid: number): boolean => isSealed || durable.isDurable(txnid);
    // Whoever wrote a run that was quarantined may not have been fenced.
    const isFinal = isSealed && manifest.status !== "quarantined";
    const reads = new LmdbReads(folder, { isDurable, isFinal });
    try {
      await checkDataFile(folder, check, isDurable).catch(async (error: unknown) => {
        // Where the last transaction is whole, the state before it may be one that never was.
        const isDamage = error instanceof CorruptedError;
        if (!isDamage || !(await durable.settle({ atOnce: true }))) throw error;
        await checkDataFile(folder, check, isDurable);
      });
      // What a writer has not synced when it was killed is part of the run as well, if it is whole.
      await durable.settle({ atOnce: true });
      await reads.checkRun(manifest.runId);
      const found = { manifest, stamp, watermark: await reads.watermark() };
      return new LmdbRunLog({ folder, durable, reads }, found);
    } catch (error) {
      await reads.close();
      throw classifyError(error, folder);
    }
  }

  private constructor({ folder, durable, reads }: Parts, found: Found) {
    this.changes$ = folderChanges(folder);
    this.#folder = folder;
    this.#durable = durable;
    this.#reads = reads;
    this.#found = found;
  }

  get manifest(): RunManifest {
    return this.#found.manifest;
  }

  get watermark(): Seq {
    return this.#found.watermark;
  }

  /**
   * Rejects {@link NotFoundError} where the run was removed, {@link CorruptedError} where another
   * data.mdb has taken the place of the one that is read; both as long as the run is not sealed.
   */
  async refresh(): Promise<Seq> {
    const before = this.#found;
    // The manifest first: what is sealed when it is read is all there when the log is looked at.
    const { manifest, stamp } = await this.#currentManifest();
    let watermark = await this.#reads.watermark();
    const isSealed = manifest.status !== "running";
    if (await this.#durable.settle({ isSealed })) watermark = await this.#reads.watermark();
    // Another one has ended while this one waited, and what it saw may be later.
    if (this.#found !== before) watermark = await this.#reads.watermark();
    // One that began before the seal may end after one that has seen it.
    if (manifest.status === "running" && this.manifest.status !== "running") return this.watermark;
    this.#found = { manifest, stamp, watermark };
    return watermark;
  }

  async #currentManifest(): Promise<Pick<Found, "manifest" | "stamp">> {
    if (this.manifest.status !== "running") return this.#found;
    const stamp = stampOf(this.#folder);
    // It is only ever replaced as a whole.
    const isSame = stamp !== undefined && stamp === this.#found.stamp;
    const manifest = isSame ? this.manifest : await readRunManifest(this.#folder);
    await this.#reads.checkInPlace();
    return { manifest, stamp };
  }

  framesFrom(seq: Seq, options?: PageOptions): Promise<readonly Uint8Array[]> {
    return this.#reads.framesFrom(seq, options);
  }

  lookup(kind: string, key: string): Promise<Seq | undefined> {
    return this.#reads.lookup(kind, key);
  }

  indexKeys(kind: string, after?: string): ReturnType<LmdbReads["indexKeys"]> {
    return this.#reads.indexKeys(kind, after);
  }

  indexKinds(after?: string): Promise<readonly string[]> {
    return this.#reads.indexKinds(after);
  }

  latestSnapshotAnchor(): Promise<SnapshotAnchor | undefined> {
    return this.#reads.latestSnapshotAnchor();
  }

  checkpoints(options: { readonly whole?: boolean } = {}): Promise<Checkpoints> {
    return readCheckpoints(this.#folder, options.whole);
  }

  /** What is wrong with the end of the log, as far as that can be told without reading all of it. */
  async headProblem(): Promise<string | undefined> {
    // The checkpoints first: the log is then at least as far as they are.
    const { latest } = await readCheckpoints(this.#folder);
    return this.#reads.headProblem(latest);
  }

  close(): Promise<void> {
    return this.#reads.close();
  }
}

/** What tells a manifest from the one that replaces it; undefined where it cannot be looked at. */
function stampOf(folder: string): string | undefined {
  try {
    const { ino, mtimeNs } = statSync(join(folder, MANIFEST_FILE_NAME), { bigint: true });
    return `${ino} ${mtimeNs}`;
  } catch {
    // Whoever reads it then is told why.
    return undefined;
  }
}
