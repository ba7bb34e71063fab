import { setTimeout as wait } from "node:timers/promises";
import { writerPids } from "../../test/support/writerPids.ts";
import type { WriterSettings } from "../programs/writer.ts";
import { ChildProgram, type Ending } from "../support/ChildProgram.ts";
import type { Random } from "../support/Random.ts";
import { signal } from "../support/signal.ts";
import { WriterLog } from "../support/WriterLog.ts";

const LATEST_KILL_MS = 120;
/** From the start of a program, or of its first writer process, until it is open, mostly. */
const OPENING_MS = { program: [80, 400], writer: [0, 400], both: [0, 400] } as const;
const POLL_MS = 10;
/** How long a program may take to find out that its writer process is gone, and to end. */
const ENDS_WITHIN_MS = 10_000;

/** Whom a kill -9 hits: the user's program, the process that writes for it, or both at once. */
type Whom = "program" | "writer" | "both";

const WHOM: readonly Whom[] = ["program", "writer", "both"];

/** How a program has ended whose processes were killed. */
export interface Death {
  readonly log: Pick<
    WriterLog,
    "runId" | "acknowledged" | "acknowledgedAtHalt" | "halt" | "halts" | "failure" | "recovered"
  >;
  readonly ending: Ending;
  /** Who was killed, over all kills. */
  readonly killed: Whom;
  /** It went on without its writer process, and had to be killed for it. */
  readonly hung: boolean;
}

/** Lets a program write and kills what the dice say, at any moment. */
export async function die(dice: Random, settings: WriterSettings): Promise<Death> {
  const child = new ChildProgram("writer", [JSON.stringify(settings)]);
  const log = new WriterLog(child);
  const kills = new Kills(child, dice.pick(WHOM));
  // Some die before they are open: while they create or recover.
  if (dice.chance(0.25)) await kills.strikeWithin(log.begun, dice);
  await log.begun;
  const late = setTimeout(() => kills.strike(), dice.between(0, LATEST_KILL_MS));
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    child.kill();
  }, ENDS_WITHIN_MS);
  const ending = await child.ended;
  clearTimeout(late);
  clearTimeout(limit);
  await log.read;
  return { log, ending, killed: kills.killed, hung };
}

/** The kills of one program: a second one where the first had no consequence. */
class Kills {
  readonly #child: ChildProgram;
  readonly #whom: Whom;
  #hasProgram = false;
  #hasWriter = false;

  constructor(child: ChildProgram, whom: Whom) {
    this.#child = child;
    this.#whom = whom;
  }

  get killed(): Whom {
    if (!this.#hasWriter) return "program";
    return this.#hasProgram ? "both" : "writer";
  }

  get #writer(): number | undefined {
    return writerPids(this.#child.process.pid ?? 0).at(-1);
  }

  /** Strikes while it opens, unless it is open by then. */
  async strikeWithin(begun: Promise<void>, dice: Random): Promise<void> {
    const [earliest, latest] = OPENING_MS[this.#whom];
    const delayMs = dice.between(earliest, latest);
    const opening = new AbortController();
    void begun.then(() => opening.abort());
    const { signal: ended } = opening;
    try {
      while (this.#whom !== "program" && this.#writer === undefined) {
        await wait(POLL_MS, undefined, { signal: ended });
      }
      await wait(delayMs, undefined, { signal: ended });
    } catch {
      return;
    }
    this.strike();
  }

  strike(): void {
    const writer = this.#whom === "program" ? undefined : this.#writer;
    if (writer !== undefined) {
      this.#hasWriter = true;
      signal(writer, "SIGKILL");
    }
    // Where nothing writes, only the program can be killed.
    if (this.#whom === "writer" && writer !== undefined) return;
    this.#hasProgram = true;
    this.#child.kill();
  }
}
