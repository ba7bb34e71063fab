import type { Entry } from "../../index.ts";
import { isOfCaller } from "../isOfCaller.ts";

/** In what two entries may differ. */
type Part = "topic" | "payloadType" | "payload";

/** Where two runs part. A side that has ended there has no entry. */
export interface Difference {
  /** Which of the callers' entries it is, from 1. */
  readonly position: number;
  readonly a?: Entry;
  readonly b?: Entry;
  /** In what the two entries differ; empty where one is missing. */
  readonly parts: readonly Part[];
}

/** How two runs compare. */
export interface Comparison {
  /** The callers' entries that are the same in both, from the first on. */
  readonly same: number;
  /** Absent where the runs are equal. */
  readonly difference?: Difference;
}

/**
 * Holds two logs against each other, entry by entry, those of the runs' own lives aside; stops at
 * the first that differ. Holds one page of each.
 */
export async function firstDifference(
  a: AsyncIterable<Entry>,
  b: AsyncIterable<Entry>,
  onSame: (entry: Entry) => void,
): Promise<Comparison> {
  const others = ofCallers(b);
  let same = 0;
  try {
    for await (const one of ofCallers(a)) {
      const next = await others.next();
      const position = same + 1;
      if (next.done === true) return { same, difference: { position, a: one, parts: [] } };
      const parts = partsOf(one, next.value);
      if (parts.length > 0) {
        return { same, difference: { position, a: one, b: next.value, parts } };
      }
      same += 1;
      onSame(one);
    }
    const next = await others.next();
    if (next.done === true) return { same };
    return { same, difference: { position: same + 1, b: next.value, parts: [] } };
  } finally {
    await others.return(undefined);
  }
}

async function* ofCallers(entries: AsyncIterable<Entry>): AsyncGenerator<Entry, undefined> {
  for await (const entry of entries) if (isOfCaller(entry)) yield entry;
  return undefined;
}

function partsOf(a: Entry, b: Entry): Part[] {
  const parts: Part[] = [];
  if (a.topic !== b.topic) parts.push("topic");
  if (a.payloadType !== b.payloadType) parts.push("payloadType");
  if (Buffer.compare(a.payload, b.payload) !== 0) parts.push("payload");
  return parts;
}
