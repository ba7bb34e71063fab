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

const NONE: Progress = { update: () => {}, stepAside: () => {}, stop: () => {} };
const CLEAR_LINE = "\r\u001B[K";

/** Progress on standard error, where that is a terminal. */
export async function progressOn({ stderr }: CommandContext, format: string): Promise<Progress> {
  if (!stderr.isTerminal) return NONE;
  const { SingleBar, Presets } = await import("cli-progress");
  const bar = new SingleBar(
    { format, stream: stderr.stream, clearOnComplete: true, forceRedraw: true },
    Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update: (done, total, values = {}) => {
      if (!isStarted) bar.start(total, done, values);
      bar.setTotal(total);
      bar.update(done, values);
      isStarted = true;
    },
    stepAside: () => {
      if (isStarted) stderr.write(CLEAR_LINE);
    },
    stop: () => bar.stop(),
  };
}
