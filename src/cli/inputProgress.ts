import { fstatSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Run } from "../index.ts";
import type { LineRecorder } from "./LineRecorder.ts";
import type { Progress } from "./progress.ts";

const RECORDED = "{entries} entries · {rate}/s · watermark {watermark}";

/** How the recording of an input is drawn: as a bar where it is known how long the input is. */
export function inputFormatOf(inputBytes: number | undefined): string {
  return inputBytes === undefined
    ? RECORDED
    : `{bar} {percentage} % · ${RECORDED} · {eta_formatted} left`;
}

/** How long an input is; only a file tells. */
export function inputBytesOf(input: Readable & { readonly fd?: unknown }): number | undefined {
  if (typeof input.fd !== "number") return undefined;
  try {
    const stats = fstatSync(input.fd);
    return stats.isFile() ? stats.size : undefined;
  } catch {
    // Whoever reads it is told why.
    return undefined;
  }
}

/** What of an input is recorded, and where that is drawn. */
interface InputProgress {
  readonly run: Run;
  readonly recorder: LineRecorder;
  readonly progress: Progress;
  readonly inputBytes: number | undefined;
}

/** Draws how far the recording is after each piece of the input, whose length it is given. */
export function drawnInput(input: InputProgress): (pieceBytes: number) => void {
  const { run, recorder, progress, inputBytes } = input;
  const startMs = performance.now();
  let readBytes = 0;
  return (pieceBytes) => {
    readBytes += pieceBytes;
    const { entries } = recorder;
    const rate = Math.round((entries * 1000) / Math.max(performance.now() - startMs, 1));
    const values = { entries, rate, watermark: run.watermark };
    if (inputBytes === undefined) progress.update(run.watermark, run.accepted, values);
    else progress.update(readBytes, inputBytes, values);
  };
}
