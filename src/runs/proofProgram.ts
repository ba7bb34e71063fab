import { parentPort } from "node:worker_threads";
import { TidemarkError } from "../model/errors.ts";
import type { PackedFrames, ProofAnswer } from "./ProofThread.ts";
import { proveFrame } from "./proveFrame.ts";

/* The entry of a thread that proves frames: it answers each message once, with whether they hold. */

parentPort?.on("message", ({ memory, lengths }: PackedFrames) => {
  const answer: ProofAnswer = { areProven: areProven(memory, lengths), memory };
  parentPort?.postMessage(answer, [memory.buffer]);
});

/** What is wrong where is for whoever asked to find out. */
function areProven(memory: Uint8Array, lengths: readonly number[]): boolean {
  let at = 0;
  try {
    for (const length of lengths) proveFrame(memory.subarray(at, (at += length)));
    return true;
  } catch (failure) {
    if (!(failure instanceof TidemarkError)) throw failure;
    return false;
  }
}
