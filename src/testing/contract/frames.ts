import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Ack, Backend, Frame, PageOptions, RunLog } from "../../backends/Backend.ts";
import { checkDigest, decodeFrame } from "../../format/decodeFrame.ts";
import { chainHeadOf, frameHeaderOf, isNextOf } from "../../format/frameHeader.ts";
import { encodeFrame } from "../../format/encodeFrame.ts";
import { GENESIS } from "../../format/sealFrame.ts";
import type { CapturedDraft, Entry, Seq } from "../../model/entry.ts";
import { settle } from "./answers.ts";

const NS_PER_ENTRY = 1_000n;

/** What distinguishes the drafts of a frame. */
export type DraftOf = (seq: Seq) => Partial<CapturedDraft>;

/** The bytes that entry `seq` carries unless a law says otherwise. */
function payloadOf(seq: Seq): Uint8Array {
  return Buffer.from(`payload ${seq}`);
}

/** A frame of `count` entries; each is another, so that a swapped one is seen. */
export function frameOf(
  { epoch }: Backend,
  fromSeq: Seq,
  count: number,
  draftOf: DraftOf = () => ({}),
): Frame {
  const drafts = Array.from({ length: count }, (_, position): CapturedDraft => {
    const seq = fromSeq + position;
    return {
      topic: `orders.${seq % 3}`,
      payloadType: "OrderAccepted",
      payload: payloadOf(seq),
      tsInit: BigInt(seq) * NS_PER_ENTRY,
      tsPublish: BigInt(seq) * NS_PER_ENTRY,
      headers: {},
      indexKeys: [],
      ...draftOf(seq),
    };
  });
  return encodeFrame(drafts, { fromSeq, epoch });
}

/** Frames of so many entries each, one after the other behind the watermark. */
export function framesOf(backend: Backend, ...counts: readonly number[]): Frame[] {
  let nextSeq = backend.watermark + 1;
  return counts.map((count) => {
    const frame = frameOf(backend, nextSeq, count);
    nextSeq += count;
    return frame;
  });
}

/** Appends frames of so many entries each, all in one append. */
export function append(backend: Backend, ...counts: readonly number[]): Promise<Ack> {
  return settle(backend.append(framesOf(backend, ...counts)));
}

/** Appends one frame of entries that differ from the usual ones. */
export function appendDrafts(backend: Backend, count: number, draftOf: DraftOf): Promise<Ack> {
  return settle(backend.append([frameOf(backend, backend.watermark + 1, count, draftOf)]));
}

/** Where each frame of one page starts. */
export async function startsOf(
  log: RunLog,
  seq: Seq,
  options?: PageOptions,
): Promise<readonly Seq[]> {
  const page = await settle(log.framesFrom(seq, options));
  return page.map((bytes) => frameHeaderOf(bytes).fromSeq);
}

/** Every frame, page by page, in the direction of the pages. */
export async function allFrames(log: RunLog, options: PageOptions = {}): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  let seq = options.reverse === true ? Number.MAX_SAFE_INTEGER : 1;
  for (;;) {
    const page = await settle(log.framesFrom(seq, options));
    const last = page.at(-1);
    if (last === undefined) return frames;
    frames.push(...page);
    const { fromSeq, toSeq } = frameHeaderOf(last);
    seq = options.reverse === true ? fromSeq - 1 : toSeq + 1;
  }
}

/** Every entry, oldest first, once hashes, digests, chain and density are checked. */
export async function checkedEntries(log: RunLog): Promise<Entry[]> {
  const entries: Entry[] = [];
  let previous = GENESIS;
  for (const bytes of await allFrames(log)) {
    checkDigest(bytes);
    const { header, ...frame } = decodeFrame(bytes);
    ok(isNextOf(previous, header), "the chain");
    previous = chainHeadOf(header);
    for (const entry of frame.entries()) {
      strictEqual(entry.seq, entries.length + 1);
      entries.push(entry);
    }
  }
  return entries;
}

/** Checks that the log holds exactly the usual entries up to `toSeq`, by every way of asking. */
export async function checkHolds(log: RunLog, toSeq: Seq): Promise<void> {
  const entries = await checkedEntries(log);
  deepStrictEqual(
    entries.map(({ seq, payload }) => `${seq} ${Buffer.from(payload).toString()}`),
    Array.from({ length: toSeq }, (_, position) => `${position + 1} payload ${position + 1}`),
  );
  strictEqual(log.watermark, toSeq);
  strictEqual(await settle(log.refresh()), toSeq);
}
