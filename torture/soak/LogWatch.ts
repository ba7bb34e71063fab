import { logFiguresOf, type LogFigures } from "./logFigures.ts";
import type { Sample } from "./settings.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
/** The writer's own: whoever reads goes without. */
const MAX_READER_SLOTS = 1;
/** What some commits of the largest kind have copied, and the next ones use again. */
const MAX_FREE_BYTES = 16 * MIB;
/** What the largest commit may want, and a step. */
const MAX_AHEAD_BYTES = 32 * MIB;

/** Watches what becomes of the files of runs. */
export class LogWatch {
  #readerSlots = 0;
  #freeBytes = 0;
  #aheadBytes = 0;

  /** Looks at the files of a run that is written; gives what each entry takes, where there are any. */
  look(run: Sample["run"]): Readonly<Record<string, number>> {
    const figures = run === undefined ? undefined : figuresOf(run.folder);
    if (run === undefined || figures === undefined || run.watermark === 0) return {};
    this.note(figures);
    return { fileBytesPerEntry: (figures.usedBytes - figures.freeBytes) / run.watermark };
  }

  note({ readerSlots, freeBytes, aheadBytes }: Omit<LogFigures, "usedBytes">): void {
    this.#readerSlots = Math.max(this.#readerSlots, readerSlots);
    this.#freeBytes = Math.max(this.#freeBytes, freeBytes);
    this.#aheadBytes = Math.max(this.#aheadBytes, aheadBytes);
  }

  /** The largest values that there were. */
  get most(): Readonly<Record<string, number>> {
    return {
      "reader slots at most": this.#readerSlots,
      "free KiB of data.mdb at most": this.#freeBytes / KIB,
      "KiB of data.mdb made ahead at most": this.#aheadBytes / KIB,
    };
  }

  get complaints(): readonly string[] {
    const wrong: readonly (readonly [isWrong: boolean, what: string])[] = [
      [
        this.#readerSlots > MAX_READER_SLOTS,
        `${this.#readerSlots} readers had places in LMDB's table`,
      ],
      [this.#freeBytes > MAX_FREE_BYTES, `${this.#freeBytes} bytes of data.mdb were in no tree`],
      [this.#aheadBytes > MAX_AHEAD_BYTES, `${this.#aheadBytes} bytes of data.mdb were made ahead`],
    ];
    return wrong.filter(([isWrong]) => isWrong).map(([, what]) => what);
  }
}

/** Nothing where the run has just been closed. */
function figuresOf(folder: string): LogFigures | undefined {
  try {
    return logFiguresOf(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
