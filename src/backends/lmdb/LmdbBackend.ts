import { ReplaySubject, type Observable } from "rxjs";
import type { Seq } from "../../model/entry.ts";
import { BackendError, ClosedError, LockedError, SealedError } from "../../model/errors.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../../model/manifest.ts";
import type { Ack, Backend, Checkpoints, Frame, PageOptions } from "../Backend.ts";
import { classifyError } from "./classifyError.ts";
import { LmdbReads } from "./LmdbReads.ts";
import { endRun } from "./endRun.ts";
import { inTime } from "./inTime.ts";
import type { OpenedProcess } from "./openWriterProcess.ts";
import { readCheckpoints } from "./readCheckpoints.ts";
import { giveBackReserve } from "./reserveFile.ts";
import type { RequestOptions, WriterProcess } from "./WriterProcess.ts";

/**
 * Called when the run may still be written although its backend has failed: with how to find out
 * whether whatever does so is gone, which may take some seconds.
 */
export type OnFailure = (isGone: () => Promise<boolean>) => void;

/** What a backend is made of. */
export interface LmdbBackendParts {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly opened: OpenedProcess;
  /** Called when the backend fails: its lease must then be held until our process ends. */
  readonly onFailure: OnFailure;
  /** How long sealing and closing may take each; for a run that no writer keeps a clock for. */
  readonly endWithinMs?: number;
}

/** One that is committed, and one that comes next. */
const MAX_APPENDING = 2;
/** How long after a commit the head is remembered at the latest, if no other commit follows. */
const CHECKPOINT_AFTER_MS = 1_000;

/**
 * One run on the disk, open for writing. A process of its own writes; this side hands it the frames,
 * reads the file by itself, and keeps the manifest.
 *
 * After a failure it touches nothing any more: what was under way rejects with the failure, and
 * every later call with {@link BackendError}.
 */
export class LmdbBackend implements Backend {
  readonly epoch: number;
  /** The writer process has its own copy, and has answered. */
  readonly returnsFrames = true;
  readonly appendsAhead = true;
  readonly #failures = new ReplaySubject<unknown>(1);
  readonly failure$: Observable<unknown> = this.#failures.asObservable();
  readonly #folder: string;
  readonly #process: WriterProcess;
  readonly #reads: LmdbReads;
  readonly #ending: RequestOptions;
  readonly #onFailure: OnFailure;
  #manifest: RunManifest;
  #watermark: Seq;
  /** The last transaction that the writer process has told of: reads show none beyond it. */
  #txnid: number;
  /** Appends that are not acknowledged yet. */
  #appending = 0;
  #checkpoint: NodeJS.Timeout | undefined;
  #finishing: Promise<void> | undefined;
  #sealing: Promise<RunManifest> | undefined;
  #closing: Promise<void> | undefined;

  constructor({ folder, manifest, opened, onFailure, endWithinMs }: LmdbBackendParts) {
    this.epoch = opened.state.epoch;
    this.#folder = folder;
    this.#manifest = manifest;
    this.#watermark = opened.state.watermark;
    this.#txnid = opened.txnid;
    this.#process = opened.process;
    this.#onFailure = onFailure;
    this.#reads = new LmdbReads(folder, { isDurable: (txnid) => txnid <= this.#txnid });
    this.#ending = endWithinMs === undefined ? {} : { withinMs: endWithinMs };
    opened.process.onFailure = (failure) => {
      clearTimeout(this.#checkpoint);
      this.#reads.fail();
      onFailure(() => opened.process.gone());
      this.#tell(failure);
    };
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  get watermark(): Seq {
    return this.#watermark;
  }

  async append(frames: readonly Frame[]): Promise<Ack> {
    this.#checkWritable();
    if (this.#appending === MAX_APPENDING) {
      throw new LockedError(`${MAX_APPENDING} appends are not acknowledged yet`);
    }
    if (frames.length === 0) return { toSeq: this.#watermark };
    this.#appending += 1;
    try {
      await this.#turnOver();
      const { toSeq, commitMs, txnid } = await this.#process.request({
        type: "append",
        frames: frames.map(({ bytes }) => bytes),
      });
      this.#watermark = toSeq;
      this.#txnid = Math.max(this.#txnid, txnid);
      this.#checkpoint ??= setTimeout(() => this.#remember(), CHECKPOINT_AFTER_MS).unref();
      return { toSeq, commitMs };
    } finally {
      this.#appending -= 1;
    }
  }

  async recordSnapshotAnchor(anchor: SnapshotAnchor): Promise<void> {
    this.#checkWritable();
    await this.#turnOver();
    const { txnid } = await this.#process.request({ type: "anchor", anchor });
    this.#txnid = Math.max(this.#txnid, txnid);
  }

  async finishing(): Promise<void> {
    this.#checkWritable();
    this.#finishing ??= giveBackReserve(this.#folder);
    return this.#finishing;
  }

  async seal(status: SealedStatus): Promise<RunManifest> {
    this.#checkWritable();
    this.#sealing = this.#seal(status);
    return this.#sealing;
  }

  async refresh(): Promise<Seq> {
    this.#checkOpen();
    return this.#watermark;
  }

  async framesFrom(seq: Seq, options?: PageOptions): Promise<readonly Uint8Array[]> {
    this.#checkOpen();
    return this.#reads.framesFrom(seq, options);
  }

  async lookup(kind: string, key: string): Promise<Seq | undefined> {
    this.#checkOpen();
    return this.#reads.lookup(kind, key);
  }

  async indexKeys(kind: string, after?: string): ReturnType<LmdbReads["indexKeys"]> {
    this.#checkOpen();
    return this.#reads.indexKeys(kind, after);
  }

  async indexKinds(after?: string): Promise<readonly string[]> {
    this.#checkOpen();
    return this.#reads.indexKinds(after);
  }

  async latestSnapshotAnchor(): Promise<SnapshotAnchor | undefined> {
    this.#checkOpen();
    return this.#reads.latestSnapshotAnchor();
  }

  async checkpoints(options: { readonly whole?: boolean } = {}): Promise<Checkpoints> {
    this.#checkOpen();
    return readCheckpoints(this.#folder, options.whole);
  }

  async close(): Promise<void> {
    this.#checkUnfailed();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  fail(): void {
    this.#process.fail(new BackendError("The writer has given the backend up"));
  }

  /**
   * What is asked leaves when the turn is over, in the order of the calls: the run may be closed in it,
   * and its last commits may need the room that was kept for them.
   */
  async #turnOver(): Promise<void> {
    await Promise.resolve();
    if (this.#finishing !== undefined) await this.#finishing.catch(() => undefined);
  }

  /** Where it is refused, so is every later request, for the same reason. */
  #remember(): void {
    this.#checkpoint = undefined;
    const remembered = this.#process.request({ type: "checkpoint" }, { isIdle: true });
    remembered.catch((failure: unknown) => this.#tell(failure));
  }

  /** Who waits for an answer, or for the end, is told by that. */
  #tell(failure: unknown): void {
    if (this.#appending > 0 || this.#sealing !== undefined || this.#closing !== undefined) return;
    this.#failures.next(failure);
  }

  async #seal(status: SealedStatus): Promise<RunManifest> {
    clearTimeout(this.#checkpoint);
    let state;
    try {
      await this.#turnOver();
      ({ state } = await this.#process.request({ type: "seal" }, this.#ending));
    } catch (error) {
      // A refusal leaves the run as it was.
      this.#sealing = undefined;
      throw error;
    }
    const sealed: RunManifest = {
      ...this.#manifest,
      ...(state.maxTsInit === undefined ? {} : { endTsInit: state.maxTsInit }),
      highWatermark: state.watermark,
      status,
    };
    try {
      await inTime(() => endRun(this.#folder, sealed), this.#onFailure);
    } catch (error) {
      const failure = classifyError(error, this.#folder);
      this.#process.fail(failure);
      throw failure;
    }
    this.#manifest = sealed;
    return sealed;
  }

  async #close(): Promise<void> {
    await this.#reads.close();
    // A seal that is under way ends the process, unless it is refused, which its caller is told.
    await this.#sealing?.catch(() => undefined);
    await this.#turnOver();
    this.#checkUnfailed();
    clearTimeout(this.#checkpoint);
    if (this.#sealing === undefined) await this.#process.request({ type: "close" }, this.#ending);
    if (await this.#process.gone()) return;
    const failure = new BackendError("The log is closed, but its writer process does not go away");
    this.#process.fail(failure);
    throw failure;
  }

  #checkWritable(): void {
    this.#checkOpen();
    if (this.#sealing !== undefined) throw new SealedError(this.#manifest.runId);
  }

  #checkOpen(): void {
    this.#checkUnfailed();
    if (this.#closing !== undefined) throw new ClosedError("log");
  }

  #checkUnfailed(): void {
    const cause = this.#process.failure;
    if (cause === undefined) return;
    const message = "The backend has failed and is not touched any more";
    throw new BackendError(message, undefined, { cause });
  }
}
