import type { Commit, Pressure, Run } from "../../src/index.ts";

/** What a load has come to so far. */
export interface LoadCounts {
  /** By each verb; of offers, those that were not refused. */
  readonly offered: number;
  readonly submitted: number;
  readonly appended: number;
  readonly refused: number;
  /** Times that somebody began to stand in line. */
  readonly stalls: number;
  readonly longestStallMs: number;
  readonly longestCommitMs: number;
  /** From the call to the durable entry, also of what is still out. */
  readonly longestAppendMs: number;
}

/** Keeps count of what is handed to runs, and of how long they take over it. */
export class LoadWatch {
  readonly #now: () => number;
  readonly #tell: (complaint: string) => void;
  /** When each append that is out was called, the oldest first. */
  readonly #out = new Set<{ readonly since: number }>();
  #level: Pressure["level"] = "clear";
  #stallingSince: number | undefined;
  #offered = 0;
  #submitted = 0;
  #appended = 0;
  #refused = 0;
  #stalls = 0;
  #longestStallMs = 0;
  #longestCommitMs = 0;
  #longestAppendMs = 0;

  /**
   * @param now - milliseconds
   * @param tell - what is said of whatever must not be
   */
  constructor(now: () => number, tell: (complaint: string) => void) {
    this.#now = now;
    this.#tell = tell;
  }

  /** What the counts are now. */
  get counts(): LoadCounts {
    const [oldest] = this.#out;
    return {
      offered: this.#offered,
      submitted: this.#submitted,
      appended: this.#appended,
      refused: this.#refused,
      stalls: this.#stalls,
      longestStallMs: Math.max(this.#longestStallMs, this.#since(this.#stallingSince)),
      longestCommitMs: this.#longestCommitMs,
      longestAppendMs: Math.max(this.#longestAppendMs, this.#since(oldest?.since)),
    };
  }

  /** Watches a run until it ends. */
  watch({ halt$, commits$, pressure$ }: Pick<Run, "halt$" | "commits$" | "pressure$">): void {
    halt$.subscribe({ next: (reason) => this.#tell(`halt ${JSON.stringify(reason)}`) });
    commits$.subscribe({ next: (commit) => this.#noteCommit(commit) });
    pressure$.subscribe({
      next: ({ level }) => this.#noteLevel(level),
      complete: () => this.#noteLevel("clear"),
    });
  }

  /** An offer was answered. */
  noteOffer(isTaken: boolean): void {
    if (isTaken) this.#offered += 1;
    else this.#refused += 1;
    if (!isTaken && this.#level === "clear") this.#tell("wrong: refused while nothing presses");
  }

  /** Watches a submission until it is accepted with the seq that it must get. */
  async noteSubmit(seq: number, submitting: Promise<number>): Promise<void> {
    if (await this.#gets(seq, submitting)) this.#submitted += 1;
  }

  /** Watches an append until it is durable. */
  async noteAppend(
    seq: number,
    appending: Promise<number>,
    run: Pick<Run, "watermark">,
  ): Promise<void> {
    const call = { since: this.#now() };
    this.#out.add(call);
    if (await this.#gets(seq, appending)) this.#appended += 1;
    if (run.watermark < seq) this.#tell(`wrong: ${seq} was told before the watermark`);
    this.#out.delete(call);
    this.#longestAppendMs = Math.max(this.#longestAppendMs, this.#since(call.since));
  }

  async #gets(seq: number, calling: Promise<number>): Promise<boolean> {
    try {
      const given = await calling;
      if (given !== seq) this.#tell(`wrong: given ${given} where ${seq} comes`);
      return true;
    } catch (error) {
      this.#tell(`wrong: ${seq} was refused: ${String(error)}`);
      return false;
    }
  }

  #noteCommit({ commitMs }: Commit): void {
    this.#longestCommitMs = Math.max(this.#longestCommitMs, commitMs);
  }

  #noteLevel(level: Pressure["level"]): void {
    this.#level = level;
    if (level === "stalling") {
      this.#stalls += 1;
      this.#stallingSince ??= this.#now();
      return;
    }
    this.#longestStallMs = Math.max(this.#longestStallMs, this.#since(this.#stallingSince));
    this.#stallingSince = undefined;
  }

  #since(moment: number | undefined): number {
    return moment === undefined ? 0 : this.#now() - moment;
  }
}
