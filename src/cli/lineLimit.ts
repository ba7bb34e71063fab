import { DEFAULT_WRITER_OPTIONS } from "../model/options.ts";

const KIB = 1024;
/** Bytes of a payload in base64, per byte of its own. */
const BASE64_GROWTH = 4 / 3;

/** Bytes of a line for its payload: what the largest one takes in base64. */
export const MAX_PAYLOAD_TEXT_BYTES: number = Math.ceil(
  DEFAULT_WRITER_OPTIONS.maxPayloadBytes * BASE64_GROWTH,
);

/** Bytes of a line of drafts, its end aside. A longer one is not even kept to be looked at. */
export const MAX_LINE_BYTES: number = MAX_PAYLOAD_TEXT_BYTES + 64 * KIB;
