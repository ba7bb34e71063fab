import type { RunReader, Seq } from "../index.ts";
import type { CommandContext } from "./CommandContext.ts";
import { Pace } from "./Pace.ts";

/** Tells on a terminal how far the work is; does nothing elsewhere. */
export interface Progress {
  /**
   * How far it is, of how much, and whatever else the format names. May be called for each entry:
   * only now and then does it draw. Where it falls back, or the total is another, a new work begins.
   */
  update(done: number, total: number, values?: Readonly<Record<string, string | number>>): void;
  /** Makes room for a line of text; the next update draws anew below it. */
  stepAside(): void;
  /** Takes it off the screen. To be called whatever happens: it holds a timer. */
  stop(): void;
}

/** Entries of so many, how many a second, and how long it will take. `{rate}` is always known. */
export const ENTRIES_FORMAT =
  "{bar} {percentage} % · {value} of {total} entries · {rate}/s · {eta_formatted} left";

const NONE: Progress = { update: () => {}, stepAside: () => {}, stop: () => {} };
const CLEAR_LINE = "\r\u001B[K";
/** It is drawn no more often. */
const DRAW_EVERY_MS = 100;
/** The bar takes one part of so many of the line, and no more columns than the other. */
const BAR_PART = 4;
const MAX_BAR_COLUMNS = 40;

/** Where progress is drawn. */
interface ProgressOptions {
  /** Rows are printed meanwhile: on a terminal the bar would stand between them. */
  readonly besideOutput?: boolean;
}

/** Progress on standard error, where that is a terminal. */
export async function progressOn(
  { stdout, stderr }: CommandContext,
  format: string,
  { besideOutput = false }: ProgressOptions = {},
): Promise<Progress> {
  if (!stderr.isTerminal || (besideOutput && stdout.isTerminal)) return NONE;
  const { SingleBar, Presets } = await import("cli-progress");
  const bar = new SingleBar(
    {
      format,
      stream: stderr.stream,
      clearOnComplete: true,
      forceRedraw: true,
      // It would be turned off for the terminal, and stay so when a signal ends the process.
      linewrap: true,
      etaBuffer: 100,
      barsize: Math.min(MAX_BAR_COLUMNS, Math.floor(stderr.columns / BAR_PART)),
    },
    Presets.shades_classic,
  );
  let pace: Pace | undefined;
  let isStarted = false;
  let nextMs = 0;
  return {
    update: (done, total, values = {}) => {
      const nowMs = performance.now();
      if (pace?.isOf(done, total) !== true) {
        pace = new Pace(done, total, nowMs);
        isStarted = false;
      }
      const rate = pace.perSecond(done, nowMs);
      if (nowMs < nextMs) return;
      nextMs = nowMs + DRAW_EVERY_MS;
      const shown = { rate, ...values };
      // A start also forgets the times that the remaining one is reckoned from.
      if (isStarted) bar.update(done, shown);
      else bar.start(total, done, shown);
      isStarted = true;
    },
    stepAside: () => {
      if (nextMs > 0) stderr.write(CLEAR_LINE);
    },
    stop: () => bar.stop(),
  };
}

/** The last durable seq of a run, which is how much there is to read. */
export async function lastSeqOf({ watermark$ }: Pick<RunReader, "watermark$">): Promise<Seq> {
  const { firstValueFrom } = await import("rxjs");
  return firstValueFrom(watermark$);
}
