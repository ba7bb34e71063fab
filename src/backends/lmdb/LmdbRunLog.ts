import type { Seq } from "../../model/entry.ts";
import type { RunManifest, SnapshotAnchor } from "../../model/manifest.ts";
import type { Checkpoints, PageOptions, RunLog } from "../Backend.ts";
import type { ReadOptions } from "../RunCatalog.ts";
import { classifyError } from "./classifyError.ts";
import { checkDataFile } from "./datafile/checkDataFile.ts";
import { LmdbReads } from "./LmdbReads.ts";
import { readCheckpoints } from "./readCheckpoints.ts";
import { readRunManifest } from "./runFolder.ts";

/** One run on the disk, open for reading: sealed, or written by this or another process. */
export class LmdbRunLog implements RunLog {
  readonly #folder: string;
  readonly #reads: LmdbReads;
  #manifest: RunManifest;
  #watermark: Seq;

  /**
   * Opens a run after a check of its file: by default of all that can be reached in it.
   *
   * Rejects {@link NotFoundError}, {@link CorruptedError}, {@link UnsupportedFormatError}, or what
   * the disk says.
   */
  static async open(folder: string, { check = "full" }: ReadOptions = {}): Promise<LmdbRunLog> {
    const manifest = await readRunManifest(folder);
    const reads = new LmdbReads(folder);
    try {
      await checkDataFile(folder, check);
      await reads.checkRun(manifest.runId);
      return new LmdbRunLog(folder, reads, { manifest, watermark: await reads.watermark() });
    } catch (error) {
      await reads.close();
      throw classifyError(error, folder);
    }
  }

  private constructor(
    folder: string,
    reads: LmdbReads,
    now: { readonly manifest: RunManifest; readonly watermark: Seq },
  ) {
    this.#folder = folder;
    this.#reads = reads;
    this.#manifest = now.manifest;
    this.#watermark = now.watermark;
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  get watermark(): Seq {
    return this.#watermark;
  }

  async refresh(): Promise<Seq> {
    // The manifest first: what is sealed when it is read is all there when the log is looked at.
    const isSealed = this.#manifest.status !== "running";
    const manifest = isSealed ? this.#manifest : await readRunManifest(this.#folder);
    this.#watermark = await this.#reads.watermark();
    this.#manifest = manifest;
    return this.#watermark;
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
