import { hash } from "blake3-jit";

/** The hash of a snapshot's bytes as an anchor holds it: `blake3:` and 64 hex digits. */
export function contentHashOf(bytes: Uint8Array): string {
  return `blake3:${Buffer.from(hash(bytes)).toString("hex")}`;
}
