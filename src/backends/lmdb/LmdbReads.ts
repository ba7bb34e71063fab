import { setImmediate } from "node:timers/promises";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError } from "../../model/errors.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import type { PageOptions } from "../Backend.ts";
import { decodeAnchor } from "./anchorRow.ts";
import type { Environment } from "./environment.ts";
import {
  ANCHOR_KEY,
  FRAMES_END,
  FRAMES_START,
  frameKey,
  indexKeyOf,
  indexRangeOf,
  indexRowKey,
  numberOf,
} from "./keys.ts";
import { headerOf, logHeadOf } from "./logHead.ts";
import { ReadEnvironment } from "./ReadEnvironment.ts";

const DEFAULT_PAGE_BYTES = 2 ** 20;
/** Rows of one page of the index. */
const INDEX_PAGE_ROWS = 1_000;

/** The reading half of a run's log, for the process that writes it as for any other. */
export class LmdbReads {
  readonly #environment: ReadEnvironment;

  constructor(folder: string) {
    this.#environment = new ReadEnvironment(folder);
  }

  /** The last seq that is on disk. */
  watermark(): Promise<Seq> {
    return this.#environment.read((environment) => logHeadOf(environment).watermark);
  }

  /** As in `RunLog`; a frame that cannot be read is part of its page, for its reader to judge. */
  async framesFrom(seq: Seq, options: PageOptions = {}): Promise<readonly Uint8Array[]> {
    // Page after page would else be one long turn, in which no timer fires and no commit returns.
    await setImmediate();
    const from = Math.min(Math.max(seq, 0), Number.MAX_SAFE_INTEGER);
    return this.#environment.read((environment) => pageFrom(environment, from, options));
  }

  lookup(kind: string, key: string): Promise<Seq | undefined> {
    return this.#environment.read((environment) => {
      const row = indexRowKey(kind, key);
      const value = row === undefined ? undefined : environment.get(row);
      return value === undefined ? undefined : seqOf(value);
    });
  }

  indexKeys(
    kind: string,
    after?: string,
  ): Promise<readonly { readonly key: string; readonly seq: Seq }[]> {
    return this.#environment.read((environment) => {
      const range = indexRangeOf(kind);
      const start = after === undefined ? range?.start : indexRowKey(kind, after);
      if (range === undefined || start === undefined) return [];
      const page = environment.getRange({
        start,
        end: range.end,
        exclusiveStart: after !== undefined,
        limit: INDEX_PAGE_ROWS,
      });
      return [...page].map(({ key, value }) => ({ key: indexKeyOf(key, kind), seq: seqOf(value) }));
    });
  }

  latestSnapshotAnchor(): Promise<SnapshotAnchor | undefined> {
    return this.#environment.read((environment) => {
      const row = environment.get(ANCHOR_KEY);
      return row === undefined ? undefined : decodeAnchor(row);
    });
  }

  close(): Promise<void> {
    return this.#environment.close();
  }

  /** Lets go without touching the environment: see `Backend.fail`. */
  fail(): void {
    this.#environment.fail();
  }
}

function pageFrom(environment: Environment, seq: Seq, options: PageOptions): Uint8Array[] {
  const { reverse = false, maxBytes = DEFAULT_PAGE_BYTES } = options;
  const range = reverse
    ? { start: frameKey(seq), end: FRAMES_START, reverse }
    : { start: holderKeyOf(environment, seq), end: FRAMES_END };
  const page: Uint8Array[] = [];
  let bytes = 0;
  for (const { value: frame } of environment.getRange(range)) {
    // Where the frame with seq is missing, the one before it is no part of the page.
    if (page.length === 0 && !reverse && endsBefore(frame, seq)) continue;
    page.push(frame);
    bytes += frame.byteLength;
    if (bytes >= maxBytes) break;
  }
  return page;
}

function endsBefore(frame: Uint8Array, seq: Seq): boolean {
  const header = headerOf(frame);
  return header !== undefined && header.toSeq < seq;
}

/** The key of the last frame that starts at or before a seq, or where all frames start. */
function holderKeyOf(environment: Environment, seq: Seq): Uint8Array {
  const before = { start: frameKey(seq), end: FRAMES_START, reverse: true, limit: 1 };
  for (const key of environment.getKeys(before)) return key;
  return FRAMES_START;
}

function seqOf(value: Uint8Array): Seq {
  const seq = numberOf(value);
  if (seq === undefined) throw new CorruptedError("A row of the index is damaged");
  return seq;
}
