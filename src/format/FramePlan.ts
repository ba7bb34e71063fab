import type { CapturedDraft, EntryHeaders, IndexKey } from "../model/entry.ts";
import { InvalidEntryError } from "../model/errors.ts";
import * as layout from "./frameLayout.ts";
import { textBytesOf } from "./text.ts";
import { TextIds } from "./TextIds.ts";

/** The first pass over a batch: the numbers of its texts, and how many bytes everything takes. */
export class FramePlan {
  readonly topics: TextIds = new TextIds();
  readonly payloadTypes: TextIds = new TextIds();
  readonly indexKinds: TextIds = new TextIds();
  /** For each entry the word that names topic and payload type. */
  readonly idWords: number[] = [];
  readonly headBytes: number;
  readonly frameBytes: number;
  #indexKeyCount = 0;
  #indexKeyBytes = 0;

  /**
   * @throws {@link InvalidEntryError} for a payload or a text whose length has no room in the frame.
   */
  constructor(drafts: readonly CapturedDraft[]) {
    this.idWords.length = drafts.length;
    let entriesBytes = 0;
    for (let index = 0; index < drafts.length; index++) {
      const { topic, payloadType, payload, headers, indexKeys } = drafts[index] as CapturedDraft;
      entriesBytes += layout.ENTRY_BYTES + uuidsBytesOf(headers) + payloadBytesOf(payload);
      this.idWords[index] = this.topics.idOf(topic) | (this.payloadTypes.idOf(payloadType) << 16);
      if (indexKeys.length > 0) this.#addIndexKeys(indexKeys);
    }
    const textBytes = this.topics.bytes + this.payloadTypes.bytes + this.indexKinds.bytes;
    this.headBytes = layout.headBytesOf(layout.HEADER_BYTES + textBytes + this.#indexKeyBytes);
    this.frameBytes = this.headBytes + entriesBytes + layout.DIGEST_BYTES;
  }

  get indexKeyCount(): number {
    return this.#indexKeyCount;
  }

  #addIndexKeys(indexKeys: readonly IndexKey[]): void {
    this.#indexKeyCount += indexKeys.length;
    for (const { kind, key } of indexKeys) {
      this.indexKinds.idOf(kind);
      this.#indexKeyBytes += layout.KEY_HEADER_BYTES + textBytesOf(key);
    }
  }
}

function payloadBytesOf({ length }: Uint8Array): number {
  if (length <= layout.MAX_PAYLOAD_BYTES) return layout.align8(length);
  throw new InvalidEntryError("payload", `at most ${layout.MAX_PAYLOAD_BYTES} bytes`, length);
}

function uuidsBytesOf({ correlationId, causationId }: EntryHeaders): number {
  return (
    (correlationId === undefined ? 0 : layout.UUID_BYTES) +
    (causationId === undefined ? 0 : layout.UUID_BYTES)
  );
}
