import { checkDraft, draftLimitsOf, type DraftLimits } from "../model/checkDraft.ts";
import type { Clock } from "../model/Clock.ts";
import type { CapturedDraft, EntryDraft, EntryHeaders, IndexKey } from "../model/entry.ts";
import { PayloadCopies } from "./PayloadCopies.ts";

const NO_HEADERS: EntryHeaders = Object.freeze({});
const NO_KEYS: readonly IndexKey[] = Object.freeze([]);
/** What an entry costs beside its payload and keys: its fixed fields, its hash, its share of texts. */
const ENTRY_OVERHEAD_BYTES = 80;
const INDEX_KEY_OVERHEAD_BYTES = 16;

/** Takes drafts over: checks them, copies their bytes, stamps their times. */
export class DraftCapture {
  readonly #clock: Clock;
  readonly #limits: DraftLimits;
  readonly #payloads = new PayloadCopies();
  #lastPublish = 0n;

  constructor(clock: Clock, maxPayloadBytes: number) {
    this.#clock = clock;
    this.#limits = draftLimitsOf(maxPayloadBytes);
  }

  /**
   * @throws {@link InvalidEntryError} for a field out of bounds.
   */
  capture(draft: EntryDraft): CapturedDraft {
    checkDraft(draft, this.#limits);
    return this.captureOwn(draft);
  }

  /** Takes over a draft that tidemark itself made. */
  captureOwn(draft: EntryDraft): CapturedDraft {
    const now = this.#clock.now();
    if (now > this.#lastPublish) this.#lastPublish = now;
    const { topic, payloadType, payload, headers, indexKeys } = draft;
    return {
      topic,
      payloadType,
      payload: typeof payload === "string" ? Buffer.from(payload) : this.#payloads.copyOf(payload),
      tsInit: draft.tsInit ?? now,
      tsPublish: this.#lastPublish,
      headers: headers === undefined ? NO_HEADERS : headersOf(headers),
      indexKeys: indexKeys === undefined ? NO_KEYS : indexKeys.map(keyOf),
    };
  }
}

/** About how many bytes a draft takes in queue and batch. */
export function sizeOfDraft(draft: CapturedDraft): number {
  let bytes = draft.payload.byteLength + ENTRY_OVERHEAD_BYTES;
  // Most drafts have none, and to walk an empty array takes longer than to look at its length.
  if (draft.indexKeys.length === 0) return bytes;
  for (const { key } of draft.indexKeys) bytes += key.length + INDEX_KEY_OVERHEAD_BYTES;
  return bytes;
}

function headersOf({ correlationId, causationId }: EntryHeaders): EntryHeaders {
  return {
    ...(correlationId === undefined ? {} : { correlationId: correlationId.toLowerCase() }),
    ...(causationId === undefined ? {} : { causationId: causationId.toLowerCase() }),
  };
}

function keyOf({ kind, key }: IndexKey): IndexKey {
  return { kind, key };
}
