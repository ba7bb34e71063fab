import { HASH_BYTES } from "./frameLayout.ts";

/** What is done with a hash, and with the place in a frame where it belongs. */
export type HashUse = (hash: DataView, from: number, frame: DataView, at: number) => boolean;

/** Whether the hash stands there. */
export const isThere: HashUse = (hash, from, frame, at) => {
  let difference = 0;
  for (let byte = 0; byte < HASH_BYTES; byte += 4) {
    difference |= hash.getUint32(from + byte, true) ^ frame.getUint32(at + byte, true);
  }
  return difference === 0;
};

/** Puts the hash there. */
export const putThere: HashUse = (hash, from, frame, at) => {
  for (let byte = 0; byte < HASH_BYTES; byte += 4) {
    frame.setUint32(at + byte, hash.getUint32(from + byte, true), true);
  }
  return true;
};
