import type { CapturedDraft, Seq } from "../model/entry.ts";
import { InvalidConfigError } from "../model/errors.ts";
import { FirstMentions } from "./FirstMentions.ts";
import { FORMAT_VERSION } from "./formatVersion.ts";
import type { Frame, IndexRow } from "./Frame.ts";
import { FrameBytes } from "./FrameBytes.ts";
import * as layout from "./frameLayout.ts";
import { FramePlan } from "./FramePlan.ts";
import type { TextIds } from "./TextIds.ts";
import { writeSafeUint64 } from "./uint64.ts";
import { writeUuid } from "./uuid.ts";

const NO_ROWS: readonly IndexRow[] = Object.freeze([]);

/** What a frame says about itself before it is sealed. */
export interface FrameHead {
  readonly fromSeq: Seq;
  readonly epoch: number;
}

/** Memory for a frame: so many zeros. */
export type Allocate = (byteLength: number) => Uint8Array;

const ownMemory: Allocate = (byteLength) => new Uint8Array(byteLength);

/**
 * Turns a batch into the bytes of an unsealed frame: hashes, CRCs and chain stay zero until
 * `sealFrame` fills them in.
 *
 * Without `allocate` the bytes own their whole ArrayBuffer, so that they can be transferred. The
 * drafts are taken as checked.
 *
 * @throws {@link InvalidConfigError} for no draft, more than 65 535 of them, or 2 GiB together.
 */
export function encodeFrame(
  drafts: readonly CapturedDraft[],
  head: FrameHead,
  allocate: Allocate = ownMemory,
): Frame {
  if (drafts.length === 0 || drafts.length > layout.MAX_FRAME_ENTRIES) {
    throw new InvalidConfigError("drafts", "1 to 65535 drafts", drafts.length);
  }
  const plan = new FramePlan(drafts);
  if (plan.frameBytes > layout.MAX_FRAME_BYTES) {
    throw new InvalidConfigError("drafts", "less than 2 GiB together", plan.frameBytes);
  }
  const target = new FrameBytes(allocate(plan.frameBytes));
  const hasKeys = plan.indexKeyCount > 0;
  writeHeader(target.view, plan, head);
  writeTimeSpan(target.view, drafts);
  const textsEnd = writeTexts(target.buffer, plan);
  if (hasKeys) writeIndexKeys(target, textsEnd, drafts, plan.indexKinds);
  writeEntries(target, plan, drafts);
  return {
    fromSeq: head.fromSeq,
    toSeq: head.fromSeq + drafts.length - 1,
    bytes: target.bytes,
    indexRows: hasKeys ? indexRowsOf(drafts, head.fromSeq) : NO_ROWS,
  };
}

function writeHeader(view: DataView, plan: FramePlan, head: FrameHead): void {
  view.setUint32(layout.AT_MAGIC, layout.MAGIC, true);
  view.setUint16(layout.AT_VERSION, FORMAT_VERSION, true);
  view.setUint32(layout.AT_FRAME_BYTES, plan.frameBytes, true);
  view.setUint32(layout.AT_HEAD_BYTES, plan.headBytes, true);
  writeSafeUint64(view, layout.AT_FROM_SEQ, head.fromSeq);
  writeSafeUint64(view, layout.AT_EPOCH, head.epoch);
  view.setUint32(layout.AT_ENTRY_COUNT, plan.idWords.length, true);
  view.setUint16(layout.AT_TOPIC_COUNT, plan.topics.count, true);
  view.setUint16(layout.AT_PAYLOAD_TYPE_COUNT, plan.payloadTypes.count, true);
  view.setUint32(layout.AT_INDEX_KIND_COUNT, plan.indexKinds.count, true);
  view.setUint32(layout.AT_INDEX_KEY_COUNT, plan.indexKeyCount, true);
}

function writeTimeSpan(view: DataView, drafts: readonly CapturedDraft[]): void {
  let min = (drafts[0] as CapturedDraft).tsInit;
  let max = min;
  for (const { tsInit } of drafts) {
    if (tsInit < min) min = tsInit;
    if (tsInit > max) max = tsInit;
  }
  view.setBigUint64(layout.AT_MIN_TS_INIT, min, true);
  view.setBigUint64(layout.AT_MAX_TS_INIT, max, true);
}

/** Topics, payload types and index kinds; returns where they end. */
function writeTexts(target: Buffer, plan: FramePlan): number {
  const topicsEnd = plan.topics.write(target, layout.HEADER_BYTES);
  return plan.indexKinds.write(target, plan.payloadTypes.write(target, topicsEnd));
}

function writeIndexKeys(
  { view, buffer }: FrameBytes,
  start: number,
  drafts: readonly CapturedDraft[],
  kinds: TextIds,
): void {
  let at = start;
  for (const [entry, { indexKeys }] of drafts.entries()) {
    for (const { kind, key } of indexKeys) {
      const keyBytes = buffer.write(key, at + layout.KEY_HEADER_BYTES);
      view.setUint16(at + layout.AT_KEY_ENTRY, entry, true);
      view.setUint16(at + layout.AT_KEY_BYTES, keyBytes, true);
      view.setUint32(at + layout.AT_KEY_KIND_ID, kinds.idOf(kind), true);
      at += layout.KEY_HEADER_BYTES + keyBytes;
    }
  }
}

function writeEntries(target: FrameBytes, plan: FramePlan, drafts: readonly CapturedDraft[]): void {
  let at = plan.headBytes;
  for (let index = 0; index < drafts.length; index++) {
    target.view.setUint32(at + layout.AT_TOPIC_ID, plan.idWords[index] as number, true);
    at = writeEntry(target, at, drafts[index] as CapturedDraft);
  }
}

/** Everything of an entry but the numbers of its texts; returns where it ends. */
function writeEntry({ bytes, view }: FrameBytes, start: number, draft: CapturedDraft): number {
  const { payload } = draft;
  const { correlationId, causationId } = draft.headers;
  let payloadWord = payload.length;
  let at = start + layout.ENTRY_BYTES;
  if (correlationId !== undefined) {
    payloadWord |= layout.HAS_CORRELATION_ID;
    writeUuid(bytes, at, correlationId, "headers.correlationId");
    at += layout.UUID_BYTES;
  }
  if (causationId !== undefined) {
    payloadWord |= layout.HAS_CAUSATION_ID;
    writeUuid(bytes, at, causationId, "headers.causationId");
    at += layout.UUID_BYTES;
  }
  view.setBigUint64(start + layout.AT_TS_INIT, draft.tsInit, true);
  view.setBigUint64(start + layout.AT_TS_PUBLISH, draft.tsPublish, true);
  view.setUint32(start + layout.AT_PAYLOAD, payloadWord, true);
  bytes.set(payload, at);
  return at + layout.align8(payload.length);
}

function indexRowsOf(drafts: readonly CapturedDraft[], fromSeq: Seq): readonly IndexRow[] {
  const mentions = new FirstMentions();
  let seq = fromSeq;
  for (const { indexKeys } of drafts) {
    for (const { kind, key } of indexKeys) mentions.add(kind, key, seq);
    seq++;
  }
  return mentions.rows;
}
