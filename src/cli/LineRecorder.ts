import { firstValueFrom } from "rxjs";
import type { EntryDraft, Seq } from "../model/entry.ts";
import { InvalidEntryError } from "../model/errors.ts";
import type { Run } from "../model/Run.ts";
import { MAX_LINE_BYTES } from "./lineLimit.ts";
import type { Line } from "./LineSplitter.ts";

/** What a {@link LineRecorder} records with, and whom it tells. */
export interface LineRecorderConfig {
  readonly run: Pick<Run, "offer" | "submit" | "accepted" | "commits$">;
  /** Throws {@link InvalidEntryError} for a line that is no draft. */
  readonly toDraft: (line: Uint8Array) => EntryDraft;
  readonly onAccepted: (line: number, seq: Seq) => void;
  readonly onBadLine: (line: number, reason: string) => void;
}

/** Makes an entry of each line, or tells why it cannot be one. */
export class LineRecorder {
  readonly #config: LineRecorderConfig;
  /** The lines that became entries. */
  entries = 0;
  /** The lines for which nothing is recorded. */
  badLines = 0;

  constructor(config: LineRecorderConfig) {
    this.#config = config;
  }

  /**
   * Hands one line in.
   *
   * @returns a promise where there is no room: the next line is to wait for it. It rejects when the
   * run has halted.
   */
  take({ number, bytes }: Line): Promise<void> | undefined {
    if (bytes === undefined) {
      this.#bad(number, `The line is longer than ${MAX_LINE_BYTES} bytes`);
      return undefined;
    }
    const { run, toDraft } = this.#config;
    try {
      const draft = toDraft(bytes);
      if (!run.offer(draft)) return this.#takeWhenRoom(number, draft);
      this.#accepted(number, run.accepted);
    } catch (invalid) {
      if (!(invalid instanceof InvalidEntryError)) throw invalid;
      this.#bad(number, invalid.message);
    }
    return undefined;
  }

  /**
   * Waits outside the run's line, which halts the run when it does not move: a pipe may wait for as
   * long as the disk commits at all.
   */
  async #takeWhenRoom(line: number, draft: EntryDraft): Promise<void> {
    const { run } = this.#config;
    do {
      const commit = await firstValueFrom(run.commits$, { defaultValue: undefined });
      // No commit will come any more: this rejects with why.
      if (commit === undefined) await run.submit(draft);
    } while (!run.offer(draft));
    this.#accepted(line, run.accepted);
  }

  #accepted(line: number, seq: Seq): void {
    this.entries += 1;
    this.#config.onAccepted(line, seq);
  }

  #bad(line: number, reason: string): void {
    this.badLines += 1;
    this.#config.onBadLine(line, reason);
  }
}
