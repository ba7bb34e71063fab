import { of, type Observable } from "rxjs";
import { MemoryRunLog } from "../../../src/backends/memory/MemoryRunLog.ts";
import type { PageOptions, RunLog } from "../../../src/backends/Backend.ts";
import { frameHeaderOf } from "../../../src/format/frameHeader.ts";
import { sealFrame } from "../../../src/format/sealFrame.ts";
import type { Seq } from "../../../src/model/entry.ts";
import type { RunManifest, SnapshotAnchor } from "../../../src/model/manifest.ts";

/** Bytes, and the span of seqs under which they are stored. */
export interface Row {
  readonly fromSeq: Seq;
  readonly toSeq: Seq;
  readonly bytes: Uint8Array;
}

/** What a {@link ServedLog} says otherwise than the log that it stands for. */
export interface Served {
  readonly rows?: readonly Row[];
  readonly manifest?: Partial<RunManifest>;
  readonly watermark?: Seq;
  readonly anchor?: SnapshotAnchor;
  /** How many frames a page has; default 1. */
  readonly pageFrames?: number;
}

/** A log of rows as they happen to be stored, right or wrong. */
export class ServedLog implements RunLog {
  readonly manifest: RunManifest;
  readonly watermark: Seq;
  readonly #log: RunLog;
  readonly #served: Served;
  isClosed = false;

  constructor(log: RunLog, served: Served) {
    this.#log = log;
    this.#served = served;
    this.manifest = { ...log.manifest, ...served.manifest };
    this.watermark = served.watermark ?? log.watermark;
  }

  refresh(): Observable<Seq> {
    return of(this.watermark);
  }

  framesFrom(seq: Seq, { reverse = false }: PageOptions = {}): Observable<readonly Uint8Array[]> {
    const { rows = rowsOf(this.#log), pageFrames = 1 } = this.#served;
    const ahead = reverse
      ? rows.filter(({ fromSeq }) => fromSeq <= seq).toReversed()
      : rows.filter(({ toSeq }) => toSeq >= seq);
    return of(ahead.slice(0, pageFrames).map(({ bytes }) => bytes.slice()));
  }

  lookup(kind: string, key: string): ReturnType<RunLog["lookup"]> {
    return this.#log.lookup(kind, key);
  }

  indexKeys(kind: string, after?: string): ReturnType<RunLog["indexKeys"]> {
    return this.#log.indexKeys(kind, after);
  }

  indexKinds(after?: string): ReturnType<RunLog["indexKinds"]> {
    return this.#log.indexKinds(after);
  }

  latestSnapshotAnchor(): ReturnType<RunLog["latestSnapshotAnchor"]> {
    return this.#served.anchor === undefined
      ? this.#log.latestSnapshotAnchor()
      : of(this.#served.anchor);
  }

  close(): Observable<void> {
    this.isClosed = true;
    return of(undefined);
  }
}

/** The frames of a log in memory, each where it belongs. */
export function rowsOf(log: RunLog): Row[] {
  if (!(log instanceof MemoryRunLog)) throw new Error("Expected a log in memory");
  let rows: Row[] = [];
  log.framesFrom(1, { maxBytes: Number.MAX_SAFE_INTEGER }).subscribe((frames) => {
    rows = frames.map((bytes) => {
      const { fromSeq, toSeq } = frameHeaderOf(bytes);
      return { fromSeq, toSeq, bytes };
    });
  });
  return rows;
}

/** A copy of the row with some of its bytes flipped. */
export function flipped(row: Row, ...positions: readonly number[]): Row {
  const bytes = row.bytes.slice();
  for (const position of positions) {
    const at = position < 0 ? bytes.length + position : position;
    bytes[at] = (bytes[at] as number) ^ 0x01;
  }
  return { ...row, bytes };
}

/** With one frame sealed as if the run before it had the latest time there is. */
export function sealedAfterLatest(rows: readonly Row[], position: number): readonly Row[] {
  const row = rows[position] as Row;
  const { digest } = frameHeaderOf((rows[position - 1] as Row).bytes);
  const bytes = row.bytes.slice();
  sealFrame(bytes, { digest, maxTsInit: 2n ** 64n - 1n });
  return rows.with(position, { ...row, bytes });
}
