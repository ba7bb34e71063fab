import { InvalidConfigError } from "./errors.ts";
import type { Snapshot } from "./Writer.ts";

const MAX_BYTES = 1024;

/**
 * @throws {@link InvalidConfigError} for a string out of bounds.
 */
export function checkSnapshot(snapshot: Snapshot): Snapshot {
  if (typeof snapshot !== "object" || snapshot === null) {
    throw new InvalidConfigError("snapshot", "an object { blobRef, contentHash }", snapshot);
  }
  for (const name of ["blobRef", "contentHash"] as const) {
    const value: unknown = snapshot[name];
    const isText = typeof value === "string" && value.isWellFormed();
    if (!isText || value.length === 0 || Buffer.byteLength(value) > MAX_BYTES) {
      throw new InvalidConfigError(name, `1 to ${MAX_BYTES} bytes of well-formed text`, value);
    }
  }
  return snapshot;
}
