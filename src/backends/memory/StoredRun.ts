import { Subject, type Observable } from "rxjs";
import type { Frame } from "../../format/Frame.ts";
import { frameHeaderOf, type ChainHead } from "../../format/frameHeader.ts";
import { GENESIS, sealFrame } from "../../format/sealFrame.ts";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError, OutOfOrderError, SealedError } from "../../model/errors.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../../model/manifest.ts";
import type { PageOptions } from "../Backend.ts";
import { firstIndexWhere } from "./firstIndexWhere.ts";
import { MemoryIndex } from "./MemoryIndex.ts";

const DEFAULT_PAGE_BYTES = 1024 * 1024;

/**
 * One run as memory keeps it: what a folder is on a disk. {@link MemoryBackend} writes it,
 * {@link MemoryRunLog} reads it, any number of them at a time. Nothing that is given out can change
 * it: bytes leave as copies, everything else is frozen.
 */
export class StoredRun {
  readonly #index = new MemoryIndex();
  readonly #frames: Pick<Frame, "fromSeq" | "toSeq" | "bytes">[] = [];
  #manifest: RunManifest;
  #epoch = 0;
  #head: ChainHead = GENESIS;
  #anchor: SnapshotAnchor | undefined;
  #sizeBytes = 0;
  readonly #changes = new Subject<void>();

  /** Emits after each change that a reader could see, inside of the call that made it. */
  readonly changes$: Observable<void> = this.#changes.asObservable();

  /** A new run: whatever the manifest says of an end, it starts `running` and empty. */
  constructor(manifest: RunManifest) {
    const { endTsInit: _, ...identity } = structuredClone(manifest);
    this.#manifest = deepFrozen({ ...identity, highWatermark: 0, status: "running" });
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  get isSealed(): boolean {
    return this.#manifest.status !== "running";
  }

  get watermark(): Seq {
    return this.#frames.at(-1)?.toSeq ?? 0;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get anchor(): SnapshotAnchor | undefined {
    return this.#anchor;
  }

  /** The bytes of all frames. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** A new writer comes in: whoever wrote before is fenced. */
  raiseEpoch(): number {
    this.#epoch += 1;
    return this.#epoch;
  }

  append(frames: readonly Frame[]): void {
    this.#checkUnsealed();
    this.#checkOrder(frames);
    // Sealing may throw on a bad frame: only when all are through does any of them land.
    let head = this.#head;
    for (const { bytes } of frames) head = sealFrame(bytes, head);
    this.#head = head;
    for (const { fromSeq, toSeq, bytes, indexRows } of frames) {
      this.#frames.push({ fromSeq, toSeq, bytes });
      this.#sizeBytes += bytes.byteLength;
      for (const row of indexRows) this.#index.add(row);
    }
    this.#changes.next();
  }

  /** One page of copies, as {@link RunLog.framesFrom} says. */
  page(
    seq: Seq,
    { reverse = false, maxBytes = DEFAULT_PAGE_BYTES }: PageOptions = {},
  ): Uint8Array[] {
    const page: Uint8Array[] = [];
    let pageBytes = 0;
    let at = reverse ? this.#lastFrom(seq) : this.#firstTo(seq);
    for (let frame = this.#frames[at]; frame !== undefined; frame = this.#frames[at]) {
      // Not `slice`, which of a Buffer is a view.
      page.push(new Uint8Array(frame.bytes));
      pageBytes += frame.bytes.byteLength;
      if (pageBytes >= maxBytes) break;
      at += reverse ? -1 : 1;
    }
    return page;
  }

  lookup(kind: string, key: string): Seq | undefined {
    return this.#index.lookup(kind, key);
  }

  indexKeys(kind: string, after?: string): readonly { readonly key: string; readonly seq: Seq }[] {
    return this.#index.page(kind, after);
  }

  indexKinds(after?: string): readonly string[] {
    return this.#index.kinds(after);
  }

  recordAnchor(anchor: SnapshotAnchor): void {
    this.#checkUnsealed();
    const { highWatermark } = anchor;
    if (highWatermark > this.watermark || highWatermark < (this.#anchor?.highWatermark ?? 0)) {
      throw new OutOfOrderError(highWatermark, this.watermark);
    }
    this.#anchor = deepFrozen({ ...anchor });
  }

  seal(status: SealedStatus): RunManifest {
    this.#checkUnsealed();
    const { maxTsInit } = this.#head;
    this.#manifest = deepFrozen({
      ...this.#manifest,
      ...(maxTsInit === undefined ? {} : { endTsInit: maxTsInit }),
      highWatermark: this.watermark,
      status,
    });
    this.#changes.next();
    return this.#manifest;
  }

  /** The first frame that reaches `seq`. */
  #firstTo(seq: Seq): number {
    return firstIndexWhere(this.#frames, ({ toSeq }) => toSeq >= seq);
  }

  /** The last frame that starts at `seq` or before. */
  #lastFrom(seq: Seq): number {
    return firstIndexWhere(this.#frames, ({ fromSeq }) => fromSeq > seq) - 1;
  }

  #checkUnsealed(): void {
    if (this.isSealed) throw new SealedError(this.#manifest.runId);
  }

  #checkOrder(frames: readonly Frame[]): void {
    let nextSeq = this.watermark + 1;
    for (const { fromSeq, toSeq, bytes } of frames) {
      if (fromSeq !== nextSeq) throw new OutOfOrderError(fromSeq, this.watermark);
      const header = frameHeaderOf(bytes);
      if (header.fromSeq !== fromSeq || header.toSeq !== toSeq) {
        throw new CorruptedError("The frame does not hold the entries that it is said to", fromSeq);
      }
      nextSeq = toSeq + 1;
    }
  }
}

function deepFrozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null) deepFrozen(part as object);
  }
  return Object.freeze(value);
}
