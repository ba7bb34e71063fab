import { MAX_PAYLOAD_BYTES } from "../model/options.ts";

const KIB = 1024;
/** Bytes of a payload in base64, per byte of its own. */
const BASE64_GROWTH = 4 / 3;

/**
 * Bytes of a line for its payload: what the largest one takes in base64, since what one run holds
 * another has to be able to record.
 */
export const MAX_PAYLOAD_TEXT_BYTES: number = Math.ceil(MAX_PAYLOAD_BYTES * BASE64_GROWTH);

/**
 * Bytes of a line for all the rest: 256 index keys of 480 bytes take 720 KiB where each byte is
 * escaped, and topic, type and names come on top. With less, what is exported could be no line.
 */
const REST_BYTES = 768 * KIB;

/** Bytes of a line of drafts, its end aside. A longer one is not even kept to be looked at. */
export const MAX_LINE_BYTES: number = MAX_PAYLOAD_TEXT_BYTES + REST_BYTES;
