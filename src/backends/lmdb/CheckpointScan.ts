import type { Checkpoint } from "../Backend.ts";
import { CHECKPOINT_HEADER, decodeCheckpoint, MAX_LINE_BYTES } from "./checkpointLine.ts";

const NEWLINE = 0x0a;

/**
 * Reads the lines of checkpoints.log, piece by piece and in bounded memory.
 *
 * A last line that cannot be read is no damage: it may have been cut off while it was written, and
 * then nobody was told that it is there.
 */
export class CheckpointScan {
  /** The checkpoint with the largest seq: a writer that was fenced may add an older one late. */
  latest: Checkpoint | undefined;
  /** The file begins with the version that is known; not asked of a piece from its middle. */
  hasHeader = false;
  /** How many lines cannot be read, the last one left out. */
  damagedLines = 0;
  /** Where a last line begins that cannot be read, else where the file ends. */
  end: number;
  /** Where the piece begins that is read next, and where the line that it goes on with. */
  #at: number;
  #lineAt: number;
  #line = "";
  #nextIs: "header" | "checkpoint" | "rest";
  #isLastUnread = false;

  /** @param start - where the first piece begins; what is in it of a line from before is left out. */
  constructor(start: number) {
    this.end = start;
    this.#at = start;
    this.#lineAt = start;
    this.#nextIs = start === 0 ? "header" : "rest";
  }

  read(piece: Buffer): void {
    for (let from = 0; from < piece.length;) {
      const newline = piece.indexOf(NEWLINE, from);
      const to = newline === -1 ? piece.length : newline;
      // However long a line is, no more is kept of it than shows that it is too long.
      const kept = Math.min(to, from + MAX_LINE_BYTES - this.#line.length);
      this.#line += piece.toString("latin1", from, kept);
      from = to + 1;
      if (newline !== -1) this.#endLine(this.#at + from);
    }
    this.#at += piece.length;
  }

  /** No piece follows: what there is of another line was cut off. */
  finish(): void {
    if (this.#line !== "") this.#see(false, this.#at);
  }

  #endLine(end: number): void {
    this.#see(this.#understand(this.#line), end);
    this.#line = "";
    this.#lineAt = end;
    this.#nextIs = "checkpoint";
  }

  #see(isRead: boolean, end: number): void {
    if (this.#isLastUnread) this.damagedLines += 1;
    this.#isLastUnread = !isRead;
    this.end = isRead ? end : this.#lineAt;
  }

  #understand(line: string): boolean {
    if (this.#nextIs === "rest") return true;
    if (this.#nextIs === "header") {
      this.hasHeader = `${line}\n` === CHECKPOINT_HEADER;
      return this.hasHeader;
    }
    const checkpoint = decodeCheckpoint(line);
    if (checkpoint === undefined) return false;
    if (checkpoint.seq >= (this.latest?.seq ?? 0)) this.latest = checkpoint;
    return true;
  }
}
