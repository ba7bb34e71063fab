/** So many pairs of topic and payload type are told apart; the rest are counted together. */
export const MAX_PAIRS = 10_000;

/** How many entries there are, and the bytes of their payloads. */
export interface Count {
  readonly entries: number;
  readonly payloadBytes: number;
}

/** The entries of a topic and a payload type. */
export interface PairCount extends Count {
  readonly topic: string;
  readonly payloadType: string;
}

/** The entries of a topic. */
export interface TopicCount extends Count {
  readonly topic: string;
}

interface Tally {
  entries: number;
  payloadBytes: number;
}

/** Counts entries by topic and payload type: {@link MAX_PAIRS} of them at most. */
export class TopicCounts {
  readonly #byTopic = new Map<string, Map<string, Tally>>();
  readonly #others: Tally = { entries: 0, payloadBytes: 0 };
  #pairs = 0;

  add(topic: string, payloadType: string, payloadBytes: number): void {
    const tally = this.#tallyOf(topic, payloadType);
    tally.entries += 1;
    tally.payloadBytes += payloadBytes;
  }

  /** The pairs, those with the most entries first. */
  pairs(): PairCount[] {
    return [...this.#byTopic]
      .flatMap(([topic, types]) =>
        [...types].map(([payloadType, { entries, payloadBytes }]) => ({
          topic,
          payloadType,
          entries,
          payloadBytes,
        })),
      )
      .toSorted((a, b) => b.entries - a.entries);
  }

  /** The topics, those with the most entries first. */
  topics(): TopicCount[] {
    return [...this.#byTopic]
      .map(([topic, types]) => {
        const { entries, payloadBytes } = sumOf([...types.values()]);
        return { topic, entries, payloadBytes };
      })
      .toSorted((a, b) => b.entries - a.entries);
  }

  /** What is not told apart. */
  others(): Count {
    return { ...this.#others };
  }

  #tallyOf(topic: string, payloadType: string): Tally {
    const types = this.#byTopic.get(topic);
    const known = types?.get(payloadType);
    if (known !== undefined) return known;
    if (this.#pairs === MAX_PAIRS) return this.#others;
    this.#pairs += 1;
    const tally: Tally = { entries: 0, payloadBytes: 0 };
    if (types === undefined) this.#byTopic.set(topic, new Map([[payloadType, tally]]));
    else types.set(payloadType, tally);
    return tally;
  }
}

/** Several counts as one. */
export function sumOf(counts: readonly Count[]): Count {
  let [entries, payloadBytes] = [0, 0];
  for (const count of counts) {
    entries += count.entries;
    payloadBytes += count.payloadBytes;
  }
  return { entries, payloadBytes };
}
