import { checkEntries } from "../../../src/format/checkEntries.ts";
import { frameHeaderOf } from "../../../src/format/decodeFrame.ts";
import { hex } from "../frames.ts";
import { mixedFrame } from "../mixedFrames.ts";

/* Seals frames and checks them, and writes whether there was WebAssembly and what they came to. */

const frames = [1, 4, 23].map((entries) => mixedFrame(entries));
for (const frame of frames) checkEntries(frame);
const digests = frames.map((frame) => hex(frameHeaderOf(frame).digest));
process.stdout.write(JSON.stringify({ hasWasm: "WebAssembly" in globalThis, digests }));
