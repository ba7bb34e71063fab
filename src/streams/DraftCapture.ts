import { headersOf } from "../format/headersOf.ts";
import { checkDraft, draftLimitsOf, type DraftLimits } from "../model/checkDraft.ts";
import { timeOf, type Clock } from "../model/Clock.ts";
import type { CapturedDraft, EntryDraft, IndexKey } from "../model/entry.ts";
import type { PayloadCopies } from "./PayloadCopies.ts";

const NO_KEYS: readonly IndexKey[] = Object.freeze([]);
/** What an entry costs beside its payload and keys: its fixed fields and its hash. */
const ENTRY_OVERHEAD_BYTES = 80;
const INDEX_KEY_OVERHEAD_BYTES = 16;

/** Takes drafts over: checks them, copies their bytes, stamps their times. */
export class DraftCapture {
  readonly #clock: Clock;
  readonly #limits: DraftLimits;
  readonly #payloads: PayloadCopies;
  #lastPublish = 0n;

  constructor(clock: Clock, maxPayloadBytes: number, payloads: PayloadCopies) {
    this.#clock = clock;
    this.#payloads = payloads;
    this.#limits = draftLimitsOf(maxPayloadBytes);
  }

  /**
   * @throws {@link InvalidEntryError} for a field out of bounds.
   */
  capture(draft: EntryDraft): CapturedDraft {
    this.check(draft);
    return this.take(draft);
  }

  /**
   * @throws {@link InvalidEntryError} for a field out of bounds.
   */
  check(draft: EntryDraft): void {
    checkDraft(draft, this.#limits);
  }

  /**
   * Takes over a draft that is known to be good: checked, or of tidemark's own making.
   *
   * @throws {@link InvalidConfigError} where the clock gives no time.
   */
  take(draft: EntryDraft): CapturedDraft {
    const now = timeOf(this.#clock);
    if (now > this.#lastPublish) this.#lastPublish = now;
    const { topic, payloadType, payload, headers, indexKeys } = draft;
    return {
      topic,
      payloadType,
      payload: typeof payload === "string" ? Buffer.from(payload) : this.#payloads.copyOf(payload),
      tsInit: draft.tsInit ?? now,
      tsPublish: this.#lastPublish,
      headers: headersOf(
        headers?.correlationId?.toLowerCase(),
        headers?.causationId?.toLowerCase(),
      ),
      indexKeys: indexKeys === undefined ? NO_KEYS : indexKeys.map(keyOf),
    };
  }
}

/** About how many bytes a draft takes in queue and batch. */
export function sizeOfDraft(draft: CapturedDraft): number {
  const { topic, payloadType, payload } = draft;
  let bytes = payload.byteLength + topic.length + payloadType.length + ENTRY_OVERHEAD_BYTES;
  // Most drafts have none, and to walk an empty array takes longer than to look at its length.
  if (draft.indexKeys.length === 0) return bytes;
  for (const { kind, key } of draft.indexKeys) {
    bytes += Buffer.byteLength(kind) + Buffer.byteLength(key) + INDEX_KEY_OVERHEAD_BYTES;
  }
  return bytes;
}

function keyOf({ kind, key }: IndexKey): IndexKey {
  return { kind, key };
}
