import { EntryCursor } from "./EntryCursor.ts";
import { frameDigestOf } from "./frameDigest.ts";
import { FrameHashes } from "./FrameHashes.ts";
import { runMaxTsInitOf, type ChainHead } from "./frameHeader.ts";
import * as layout from "./frameLayout.ts";
import { putThere } from "./hashUse.ts";
import { OpenFrame } from "./OpenFrame.ts";

/** What the first frame of a run builds on: a digest of zeros, and no entry yet. */
export const GENESIS: ChainHead = {
  digest: new Uint8Array(layout.DIGEST_BYTES),
  maxTsInit: undefined,
};

/**
 * Fills in what `encodeFrame` left open, in place: every entry's hash, the link to
 * the frame before, the largest `tsInit` of the run so far, the CRC of the head, and the digest. Sealing the same bytes again gives the same.
 *
 * @returns what the next frame builds on; its digest is a copy.
 * @throws {@link CorruptedError} for what is no frame.
 */
export function sealFrame(bytes: Uint8Array, previous: ChainHead): ChainHead {
  return sealOpenFrame(new OpenFrame(bytes), previous);
}

/** {@link sealFrame} for one that was looked at before. @throws as that. */
export function sealOpenFrame(frame: OpenFrame, previous: ChainHead): ChainHead {
  const runMaxTsInit = runMaxTsInitOf(previous, frame.header);
  frame.view.setBigUint64(layout.AT_RUN_MAX_TS_INIT, runMaxTsInit, true);
  frame.bytes.set(previous.digest, layout.AT_PREVIOUS_DIGEST);
  frame.writeHeadCrc();
  const entry = new EntryCursor(frame);
  const hashes = new FrameHashes(frame, putThere);
  while (entry.next()) hashes.useOf(entry);
  const digest = new Uint8Array(frameDigestOf(frame.bytes));
  frame.bytes.set(digest, frame.digestAt);
  return { digest, maxTsInit: runMaxTsInit };
}
