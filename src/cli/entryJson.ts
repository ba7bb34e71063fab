import { isUtf8 } from "node:buffer";
import type { Entry, EntryDraft, EntryHeaders, IndexKey, Seq } from "../model/entry.ts";
import { InvalidEntryError } from "../model/errors.ts";
import { MAX_PAYLOAD_TEXT_BYTES } from "./lineLimit.ts";

/** The most bytes that JSON makes of one byte of UTF-8: `\u001f`. */
const MAX_JSON_GROWTH = 6;
const DECIMAL = /^\d{1,20}$/;

/** An entry in JSON: nanoseconds as decimal strings, bytes as hex, text or base64. */
export interface EntryJson {
  readonly seq: Seq;
  readonly tsInit: string;
  readonly tsPublish: string;
  readonly topic: string;
  readonly payloadType: string;
  readonly headers: EntryHeaders;
  readonly indexKeys: readonly IndexKey[];
  readonly hash: string;
  readonly payload?: string;
  readonly payloadBase64?: string;
}

/** A draft in JSON, as `record` reads it; what it has none of is left out. */
export interface DraftJson {
  readonly topic: string;
  readonly payloadType: string;
  readonly payload?: string;
  readonly payloadBase64?: string;
  readonly tsInit: string;
  readonly headers?: EntryHeaders;
  readonly indexKeys?: readonly IndexKey[];
}

/** The JSON form of an entry, of which {@link draftOfJson} makes the same draft again. */
export function entryJsonOf(entry: Entry): EntryJson {
  const { seq, tsInit, tsPublish, topic, payloadType, headers, indexKeys, hash } = entry;
  return {
    seq,
    tsInit: tsInit.toString(),
    tsPublish: tsPublish.toString(),
    topic,
    payloadType,
    headers,
    indexKeys,
    hash: asBuffer(hash).toString("hex"),
    ...payloadJsonOf(entry.payload),
  };
}

/** What was handed in as this entry: {@link draftOfJson} makes the same draft again. */
export function draftJsonOf(entry: Entry): DraftJson {
  const { topic, payloadType, payload, tsInit, headers, indexKeys } = entry;
  return {
    topic,
    payloadType,
    ...payloadJsonOf(payload),
    tsInit: tsInit.toString(),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(indexKeys.length === 0 ? {} : { indexKeys }),
  };
}

/** Bytes as text where they are UTF-8; a BOM is part of them. */
export function textOf(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? asBuffer(bytes).toString("utf8") : undefined;
}

/**
 * The draft that a line of JSON stands for. Fields that it does not have are ignored, and so are
 * those that a new run gives anew: `seq`, `tsPublish`, `hash`.
 *
 * @throws {@link InvalidEntryError} for what has no meaning in JSON already. The bounds of a draft
 * are left to the run.
 */
export function draftOfJson(json: unknown): EntryDraft {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new InvalidEntryError("draft", "an object", json);
  }
  const fields = json as Readonly<Record<string, unknown>>;
  const { tsInit, headers, indexKeys } = fields;
  return {
    // What these are is checked with the bounds of every draft.
    topic: fields["topic"] as string,
    payloadType: fields["payloadType"] as string,
    payload: payloadOfJson(fields["payload"], fields["payloadBase64"]),
    ...(tsInit === undefined ? {} : { tsInit: tsInitOfJson(tsInit) }),
    ...(headers === undefined ? {} : { headers: headers as EntryHeaders }),
    ...(indexKeys === undefined ? {} : { indexKeys: indexKeys as readonly IndexKey[] }),
  };
}

function payloadJsonOf(payload: Uint8Array): Pick<EntryJson, "payload" | "payloadBase64"> {
  const text = textOf(payload);
  if (text !== undefined && fitsLine(payload, text)) return { payload: text };
  return { payloadBase64: asBuffer(payload).toString("base64") };
}

/** Whether a text, with all that JSON escapes in it, is no longer than base64 may be. */
function fitsLine(payload: Uint8Array, text: string): boolean {
  return (
    payload.byteLength * MAX_JSON_GROWTH <= MAX_PAYLOAD_TEXT_BYTES ||
    Buffer.byteLength(JSON.stringify(text)) <= MAX_PAYLOAD_TEXT_BYTES
  );
}

function payloadOfJson(text: unknown, base64: unknown): string | Uint8Array {
  if ((text === undefined) === (base64 === undefined)) {
    const given = text === undefined ? "neither" : "both";
    throw new InvalidEntryError("payload", "given as either payload or payloadBase64", given);
  }
  if (text !== undefined) {
    if (typeof text !== "string") throw new InvalidEntryError("payload", "text", text);
    return text;
  }
  const bytes = typeof base64 === "string" ? Buffer.from(base64, "base64") : undefined;
  // Node skips what is not base64; only what it would write itself is taken.
  if (bytes === undefined || bytes.toString("base64") !== base64) {
    throw new InvalidEntryError("payloadBase64", "base64 with its padding", base64);
  }
  return bytes;
}

function tsInitOfJson(value: unknown): bigint {
  const isWhole = typeof value === "string" ? DECIMAL.test(value) : Number.isSafeInteger(value);
  if (!isWhole) {
    throw new InvalidEntryError("tsInit", "a decimal string or a safe integer", value);
  }
  return BigInt(value as string | number);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
