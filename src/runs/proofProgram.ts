import { parentPort } from "node:worker_threads";
import { TidemarkError } from "../model/errors.ts";
import type { Damage, PackedFrames, ProofAnswer } from "./ProofThread.ts";
import { proveFrame } from "./proveFrame.ts";

/* The entry of a thread that proves frames: it answers each message once, with the damage, if any. */

parentPort?.on("message", ({ memory, lengths }: PackedFrames) => {
  const answer: ProofAnswer = { memory, damage: damageIn(memory, lengths) };
  parentPort?.postMessage(answer, [memory.buffer]);
});

function damageIn(bytes: Uint8Array, lengths: readonly number[]): Damage | undefined {
  let at = 0;
  try {
    for (const length of lengths) proveFrame(bytes.subarray(at, (at += length)));
    return undefined;
  } catch (failure) {
    if (!(failure instanceof TidemarkError)) throw failure;
    const { message, seq } = failure as { readonly message: string; readonly seq?: number };
    return seq === undefined ? { message } : { message, seq };
  }
}
