import type { DecodedFrame } from "../../format/decodeFrame.ts";
import type { Entry } from "../../model/entry.ts";
import { TimeBuckets, type TimeBucketCounts } from "./TimeBuckets.ts";
import { TopicCounts, type Count, type PairCount, type TopicCount } from "./TopicCounts.ts";

/** So many kinds of index keys are told apart; the rest are left out. */
const MAX_INDEX_KINDS = 1_000;

/** How many batches had from so many entries to so many. */
export interface BatchSizeCount {
  readonly fromEntries: number;
  readonly toEntries: number;
  readonly batches: number;
}

/** The index keys of a kind: how many entries mention one. */
interface IndexKindCount {
  readonly kind: string;
  readonly mentions: number;
}

/** What a log holds, in numbers. */
export interface Statistics extends Count {
  readonly batches: number;
  /** All bytes of the batches, as they are stored. */
  readonly storedBytes: number;
  /** Absent in a log without entries, as the three below. */
  readonly firstTsPublish?: bigint;
  readonly lastTsPublish?: bigint;
  readonly minTsInit?: bigint;
  readonly maxTsInit?: bigint;
  readonly pairs: readonly PairCount[];
  readonly topics: readonly TopicCount[];
  /** Entries of the topics and types beyond those that are told apart. */
  readonly others: Count;
  readonly batchSizes: readonly BatchSizeCount[];
  readonly indexKinds: readonly IndexKindCount[];
  readonly rate: TimeBucketCounts;
}

type Times = { -readonly [Name in (typeof TIMES)[number]]?: bigint };
const TIMES = ["firstTsPublish", "lastTsPublish", "minTsInit", "maxTsInit"] as const;

/** Gathers {@link Statistics} of frames as they come; its memory does not grow with them. */
export class RunStatistics {
  readonly #topics = new TopicCounts();
  readonly #rate = new TimeBuckets();
  /** Batches of 1, of 2, of 3 and 4, of 5 to 8 … entries. */
  readonly #batchSizes: number[] = [];
  readonly #indexKinds = new Map<string, number>();
  #entries = 0;
  #payloadBytes = 0;
  #batches = 0;
  #storedBytes = 0;
  #times: Times = {};

  add(frame: DecodedFrame): void {
    const { entryCount, frameBytes, minTsInit, maxTsInit } = frame.header;
    const size = Math.ceil(Math.log2(entryCount));
    this.#batchSizes[size] = (this.#batchSizes[size] ?? 0) + 1;
    this.#batches += 1;
    this.#storedBytes += frameBytes;
    const times = this.#times;
    if (!(times.minTsInit !== undefined && times.minTsInit <= minTsInit)) {
      times.minTsInit = minTsInit;
    }
    if (!(times.maxTsInit !== undefined && times.maxTsInit >= maxTsInit)) {
      times.maxTsInit = maxTsInit;
    }
    for (const entry of frame.entries()) this.#addEntry(entry);
  }

  statistics(): Statistics {
    return {
      entries: this.#entries,
      payloadBytes: this.#payloadBytes,
      batches: this.#batches,
      storedBytes: this.#storedBytes,
      ...this.#times,
      pairs: this.#topics.pairs(),
      topics: this.#topics.topics(),
      others: this.#topics.others(),
      batchSizes: this.#batchSizeCounts(),
      indexKinds: [...this.#indexKinds].map(([kind, mentions]) => ({ kind, mentions })),
      rate: this.#rate.counts(),
    };
  }

  #addEntry({ topic, payloadType, payload, tsPublish, indexKeys }: Entry): void {
    this.#entries += 1;
    this.#payloadBytes += payload.byteLength;
    this.#topics.add(topic, payloadType, payload.byteLength);
    this.#rate.add(tsPublish);
    this.#times.firstTsPublish ??= tsPublish;
    this.#times.lastTsPublish = tsPublish;
    for (const { kind } of indexKeys) {
      const mentions = this.#indexKinds.get(kind);
      if (mentions === undefined && this.#indexKinds.size === MAX_INDEX_KINDS) continue;
      this.#indexKinds.set(kind, (mentions ?? 0) + 1);
    }
  }

  #batchSizeCounts(): BatchSizeCount[] {
    return Array.from(this.#batchSizes, (batches: number | undefined, size) => ({
      fromEntries: size === 0 ? 1 : 2 ** (size - 1) + 1,
      toEntries: 2 ** size,
      batches: batches ?? 0,
    }));
  }
}
