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

  /**
   * @throws {@link InvalidEntryError} for a payload or a text whose length has no room in the frame.
   */
  constructor(drafts: readonly CapturedDraft[]) {
    let bytes = 0;
    for (const draft of drafts) {
      bytes += layout.ENTRY_BYTES + uuidsBytesOf(draft.headers) + payloadBytesOf(draft.payload);
      if (draft.indexKeys.length > 0) bytes += this.#keysBytesOf(draft.indexKeys);
      const topicId = this.topics.idOf(draft.topic);
      this.idWords.push(topicId | (this.payloadTypes.idOf(draft.payloadType) << 16));
    }
    const textBytes = this.topics.bytes + this.payloadTypes.bytes + this.indexKinds.bytes;
    this.headBytes = layout.headBytesOf(textBytes);
    this.frameBytes = this.headBytes + bytes + layout.DIGEST_BYTES;
  }

  #keysBytesOf(indexKeys: readonly IndexKey[]): number {
    let bytes = layout.KEYS_HEADER_BYTES;
    for (const { kind, key } of indexKeys) {
      this.indexKinds.idOf(kind);
      bytes += layout.KEY_HEADER_BYTES + textBytesOf(key);
    }
    return layout.align8(bytes);
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
