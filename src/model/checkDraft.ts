import { isTimestamp } from "./Clock.ts";
import type { EntryDraft, EntryHeaders, IndexKey } from "./entry.ts";
import { InvalidEntryError } from "./errors.ts";
import { LIFECYCLE_TOPIC_PREFIX } from "./manifest.ts";

const MAX_TOPIC_BYTES = 512;
const MAX_PAYLOAD_TYPE_BYTES = 128;
const MAX_INDEX_KEYS = 256;
const MAX_INDEX_KEY_BYTES = 480;
/** UTF-8 needs at most this many bytes for one UTF-16 code unit. */
const MAX_BYTES_PER_UNIT = 3;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How many texts are remembered as good: a log has few topics and types, and they come again. */
const MAX_KNOWN_TEXTS = 1024;

/** What drafts are checked by. */
export interface DraftLimits {
  readonly maxPayloadBytes: number;
  /** The topics and payload types that were found good; kept here, so that it has an owner. */
  readonly knownTopics: Set<unknown>;
  readonly knownTypes: Set<unknown>;
}

/** The limits of one writer's drafts. */
export function draftLimitsOf(maxPayloadBytes: number): DraftLimits {
  return { maxPayloadBytes, knownTopics: new Set(), knownTypes: new Set() };
}

/**
 * Checks every field of a caller's draft.
 *
 * @throws {@link InvalidEntryError} for the first field that is out of bounds.
 */
export function checkDraft(draft: EntryDraft, limits: DraftLimits): void {
  if (typeof draft !== "object" || draft === null) {
    throw new InvalidEntryError("draft", "an object", draft);
  }
  const { topic, payloadType } = draft;
  if (!limits.knownTopics.has(topic)) {
    checkTopic(topic);
    remember(limits.knownTopics, topic);
  }
  if (!limits.knownTypes.has(payloadType)) {
    checkText("payloadType", payloadType, MAX_PAYLOAD_TYPE_BYTES);
    remember(limits.knownTypes, payloadType);
  }
  checkPayload(draft.payload, limits.maxPayloadBytes);
  if (draft.tsInit !== undefined) checkTimestamp(draft.tsInit);
  if (draft.headers !== undefined) checkHeaders(draft.headers);
  if (draft.indexKeys !== undefined) checkIndexKeys(draft.indexKeys);
}

function remember(known: Set<unknown>, text: string): void {
  if (known.size >= MAX_KNOWN_TEXTS) known.clear();
  known.add(text);
}

function checkTopic(topic: unknown): void {
  checkText("topic", topic, MAX_TOPIC_BYTES);
  if ((topic as string).startsWith(LIFECYCLE_TOPIC_PREFIX)) {
    throw new InvalidEntryError(
      "topic",
      `none of tidemark's own ${LIFECYCLE_TOPIC_PREFIX}*`,
      topic,
    );
  }
}

function checkText(field: string, value: unknown, maxBytes: number): void {
  if (!isText(value) || value.length === 0 || !fitsUtf8(value, maxBytes)) {
    throw new InvalidEntryError(
      field,
      `1 to ${maxBytes} bytes of well-formed text without NUL`,
      value,
    );
  }
}

/** Well-formed, so that UTF-8 gives it back; without NUL, which ends strings elsewhere. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed() && !value.includes("\0");
}

function fitsUtf8(value: string, maxBytes: number): boolean {
  return value.length * MAX_BYTES_PER_UNIT <= maxBytes || Buffer.byteLength(value) <= maxBytes;
}

function checkPayload(payload: unknown, maxBytes: number): void {
  if (typeof payload === "string") {
    if (!payload.isWellFormed()) {
      throw new InvalidEntryError("payload", "well-formed text", payload);
    }
    if (!fitsUtf8(payload, maxBytes)) {
      throw new InvalidEntryError("payload", `at most ${maxBytes} bytes`, payload);
    }
    return;
  }
  if (!(payload instanceof Uint8Array)) {
    throw new InvalidEntryError("payload", "a Uint8Array or a string", payload);
  }
  if (payload.byteLength > maxBytes) {
    throw new InvalidEntryError("payload", `at most ${maxBytes} bytes`, payload.byteLength);
  }
  // A detached buffer looks like an empty one: nobody means to record that.
  if (payload.byteLength === 0 && isDetached(payload)) {
    throw new InvalidEntryError("payload", "a Uint8Array whose buffer is not detached", payload);
  }
}

function isDetached(bytes: Uint8Array): boolean {
  try {
    // Node 20 has no ArrayBuffer.prototype.detached; a view on a detached buffer throws.
    return new Uint8Array(bytes.buffer).byteLength < 0;
  } catch {
    return true;
  }
}

function checkTimestamp(value: unknown): void {
  if (!isTimestamp(value)) {
    throw new InvalidEntryError("tsInit", "a bigint from 0 to 2^64 - 1", value);
  }
}

function checkHeaders(headers: EntryHeaders): void {
  if (typeof headers !== "object" || headers === null) {
    throw new InvalidEntryError("headers", "an object", headers);
  }
  for (const name of Object.keys(headers)) {
    if (name !== "correlationId" && name !== "causationId") {
      throw new InvalidEntryError("headers", "correlationId and causationId alone", name);
    }
  }
  for (const name of ["correlationId", "causationId"] as const) {
    // By name: a header may be inherited, and is recorded then.
    const value: unknown = headers[name];
    if (value !== undefined && !(typeof value === "string" && UUID.test(value))) {
      throw new InvalidEntryError(`headers.${name}`, "an RFC 4122 UUID", value);
    }
  }
}

function checkIndexKeys(indexKeys: readonly IndexKey[]): void {
  if (!Array.isArray(indexKeys)) {
    throw new InvalidEntryError("indexKeys", "an array", indexKeys);
  }
  if (indexKeys.length > MAX_INDEX_KEYS) {
    throw new InvalidEntryError("indexKeys", `at most ${MAX_INDEX_KEYS} keys`, indexKeys.length);
  }
  for (const [position, indexKey] of indexKeys.entries()) {
    checkIndexKey(`indexKeys[${position}]`, indexKey);
  }
}

function checkIndexKey(field: string, indexKey: IndexKey): void {
  if (typeof indexKey !== "object" || indexKey === null) {
    throw new InvalidEntryError(field, "an object { kind, key }", indexKey);
  }
  const { kind, key } = indexKey;
  for (const [name, value] of [
    ["kind", kind],
    ["key", key],
  ] as const) {
    // `__proto__` would vanish from every object that a reader keys by it.
    if (!isText(value) || value.length === 0 || value === "__proto__") {
      throw new InvalidEntryError(
        `${field}.${name}`,
        "well-formed text without NUL, neither empty nor __proto__",
        value,
      );
    }
  }
  if (!fitsUtf8(kind + key, MAX_INDEX_KEY_BYTES)) {
    throw new InvalidEntryError(field, `at most ${MAX_INDEX_KEY_BYTES} bytes of kind and key`, key);
  }
}
