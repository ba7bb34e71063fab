import type { Seq } from "../../model/entry.ts";
import {
  BackendError,
  ClosedError,
  CorruptedError,
  LockedError,
  SealedError,
} from "../../model/errors.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../../model/manifest.ts";
import type { Ack, Backend, Frame, PageOptions } from "../Backend.ts";
import { classifyError } from "./classifyError.ts";
import { LmdbReads } from "./LmdbReads.ts";
import { writeManifest } from "./manifestFile.ts";
import type { OpenedThread } from "./openWriterThread.ts";
import type { WriterThread } from "./WriterThread.ts";

/** What a backend is made of. */
export interface LmdbBackendParts {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly opened: OpenedThread;
  /** Called once when the backend fails: its lease must then be held until the process ends. */
  readonly onFailure: () => void;
}

/**
 * One run on the disk, open for writing. A thread of its own writes; this side hands it the frames,
 * reads through an environment of its own, and keeps the manifest.
 *
 * After a failure it touches nothing any more: what was under way rejects with the failure, and
 * every later call with {@link BackendError}.
 */
export class LmdbBackend implements Backend {
  readonly epoch: number;
  readonly #folder: string;
  readonly #thread: WriterThread;
  readonly #reads: LmdbReads;
  #manifest: RunManifest;
  #watermark: Seq;
  #isAppending = false;
  #sealing: Promise<RunManifest> | undefined;
  #closing: Promise<void> | undefined;

  constructor({ folder, manifest, opened, onFailure }: LmdbBackendParts) {
    this.epoch = opened.state.epoch;
    this.#folder = folder;
    this.#manifest = manifest;
    this.#watermark = opened.state.watermark;
    this.#thread = opened.thread;
    this.#reads = new LmdbReads(folder);
    opened.thread.onFailure = () => {
      this.#reads.fail();
      onFailure();
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
    if (this.#isAppending) throw new LockedError("An append is not acknowledged yet");
    if (frames.length === 0) return { toSeq: this.#watermark };
    this.#isAppending = true;
    try {
      const buffers = frames.map(ownBufferOf);
      const { toSeq, commitMs } = await this.#thread.request(
        { type: "append", frames: buffers },
        buffers,
      );
      this.#watermark = toSeq;
      return { toSeq, commitMs };
    } finally {
      this.#isAppending = false;
    }
  }

  async recordSnapshotAnchor(anchor: SnapshotAnchor): Promise<void> {
    this.#checkWritable();
    await this.#thread.request({ type: "anchor", anchor });
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

  async latestSnapshotAnchor(): Promise<SnapshotAnchor | undefined> {
    this.#checkOpen();
    return this.#reads.latestSnapshotAnchor();
  }

  async close(): Promise<void> {
    this.#checkUnfailed();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  fail(): void {
    this.#thread.fail(new BackendError("The writer has given the backend up"));
  }

  async #seal(status: SealedStatus): Promise<RunManifest> {
    let state;
    try {
      ({ state } = await this.#thread.request({ type: "seal" }));
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
      await writeManifest(this.#folder, sealed);
    } catch (error) {
      const failure = classifyError(error, this.#folder);
      this.#thread.fail(failure);
      throw failure;
    }
    this.#manifest = sealed;
    return sealed;
  }

  async #close(): Promise<void> {
    // The writer closes last, since LMDB lets go of its file with the last of the two.
    await this.#reads.close();
    // A seal that is under way ends the thread, unless it is refused, which its caller is told.
    await this.#sealing?.catch(() => undefined);
    this.#checkUnfailed();
    if (this.#sealing === undefined) await this.#thread.request({ type: "close" });
    await this.#thread.exited();
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
    const cause = this.#thread.failure;
    if (cause === undefined) return;
    const message = "The backend has failed and is not touched any more";
    throw new BackendError(message, undefined, { cause });
  }
}

/** The bytes of a frame in a buffer of their own, which can be handed over. */
function ownBufferOf({ bytes, fromSeq }: Frame): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  if (byteLength === 0) throw new CorruptedError("A frame's bytes are gone", fromSeq);
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isWhole ? buffer : new Uint8Array(bytes).buffer;
}
