import type { CommandContext } from "./CommandContext.ts";

/** Tells on a terminal how far the work is; does nothing elsewhere. */
export interface Progress {
  /** How far it is, of how much, and whatever else the format names. */
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
const MS_PER_SECOND = 1000;
/** The bar takes one part of so many of the line, and no more columns than the other. */
const BAR_PART = 4;
const MAX_BAR_COLUMNS = 40;

/** Progress on standard error, where that is a terminal. */
export async function progressOn({ stderr }: CommandContext, format: string): Promise<Progress> {
  if (!stderr.isTerminal) return NONE;
  const { SingleBar, Presets } = await import("cli-progress");
  const bar = new SingleBar(
    {
      format,
      stream: stderr.stream,
      clearOnComplete: true,
      forceRedraw: true,
      etaBuffer: 100,
      barsize: Math.min(MAX_BAR_COLUMNS, Math.floor(stderr.columns / BAR_PART)),
    },
    Presets.shades_classic,
  );
  const startMs = performance.now();
  let isStarted = false;
  return {
    update: (done, total, values = {}) => {
      const seconds = Math.max(performance.now() - startMs, 1) / MS_PER_SECOND;
      const shown = { rate: Math.round(done / seconds), ...values };
      if (!isStarted) bar.start(total, done, shown);
      bar.setTotal(total);
      bar.update(done, shown);
      isStarted = true;
    },
    stepAside: () => {
      if (isStarted) stderr.write(CLEAR_LINE);
    },
    stop: () => bar.stop(),
  };
}
