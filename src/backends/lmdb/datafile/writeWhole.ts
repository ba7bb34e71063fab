import { writeSync } from "node:fs";

/** Writes all of some bytes at a place in a file, however little the system takes at a time. */
export function writeWhole(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
  }
}
