import { hash } from "node:crypto";
import { DIGEST_BYTES } from "./frameLayout.ts";

/** The SHA-256 of a frame: of every byte before the digest at its end. */
export function frameDigestOf(frame: Uint8Array): Buffer {
  return hash("sha256", frame.subarray(0, frame.length - DIGEST_BYTES), "buffer");
}
