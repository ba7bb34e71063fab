import { watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import type { WriterSettings } from "../programs/writer.ts";
import { ChildProgram, type Ending } from "../support/ChildProgram.ts";
import { WriterLog } from "../support/WriterLog.ts";
import type { Disk } from "./Disk.ts";

/** When and how the power is cut. */
export interface CutPlan {
  /** The moment it is counted from: the run is open, or one of the following. */
  readonly after: "open" | Change | Durable;
  readonly delayMs: number;
  /** The writer is killed with the cut; else it lives on and finds that its disk is gone. */
  readonly isKilled: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Before the run is open something changes in a folder, or a name in a folder new in that. */
interface Change {
  readonly changeIn: string;
  readonly name?: string;
}

/** So many entries are durable; and then, where it is given, a name changes in the run's folder. */
interface Durable {
  readonly seq: number;
  readonly followedBy?: { readonly instanceFolder: string; readonly name: string };
}

/** How a writer came through a cut. */
export interface CutReport {
  /** All that it said. */
  readonly log: WriterLog;
  /** What it had said when the power was cut, as far as that had been read. */
  readonly before: Snapshot;
  readonly ending: Ending;
  /** Why it was killed, where it did not end by itself. */
  readonly killed?: "with the cut" | "for it hung";
  /** Processes of its own that outlived it. */
  readonly survivors: readonly string[];
}

type Snapshot = Pick<WriterLog, "runId" | "acknowledged" | "halt" | "closed" | "failure">;

/** A writer that halts may wait for its commit (the writers' `commitTimeoutMs`) and a bit. */
const MAX_ENDING_MS = 10_000;

/** Runs a writer on a disk, cuts the power as planned, and waits for the end of all its processes. */
export async function cutWriter(
  disk: Disk,
  settings: WriterSettings,
  plan: CutPlan,
): Promise<CutReport> {
  const child = new ChildProgram("writer", [JSON.stringify(settings)], {
    under: disk.under,
    ...(plan.env === undefined ? {} : { env: plan.env }),
  });
  const log = new WriterLog(child, () => cut.look());
  const cut = new Cut(disk, { child, log, plan });
  await log.read;
  const ending = await child.ended;
  return { log, ending, ...(await cut.done()) };
}

interface CutParts {
  readonly child: ChildProgram;
  readonly log: WriterLog;
  readonly plan: CutPlan;
}

/** The one cut of a writer's life, and its timers. */
class Cut {
  readonly #disk: Disk;
  readonly #parts: CutParts;
  readonly #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  #cutting: Promise<void> | undefined;
  #before: Snapshot | undefined;
  #killed: CutReport["killed"];

  constructor(disk: Disk, parts: CutParts) {
    this.#disk = disk;
    this.#parts = parts;
    const { after } = parts.plan;
    if (typeof after === "object" && "changeIn" in after) this.#watchOpening(after);
  }

  /** Looks at what the writer has just said. */
  look(): void {
    const { log, plan } = this.#parts;
    if (log.runId === undefined) return;
    if (typeof plan.after === "object" && "seq" in plan.after) this.#lookAt(plan.after, log.runId);
    // What was to come before it is open has come: no writer goes on without an end.
    else this.#arm();
  }

  #lookAt({ seq, followedBy }: Durable, runId: string): void {
    if (this.#parts.log.acknowledged < seq) return;
    if (followedBy === undefined) return this.#arm();
    if (this.#watchers.length > 0) return;
    this.#watch(join(followedBy.instanceFolder, runId), (name) => {
      if (name === followedBy.name) this.#arm();
    });
  }

  /** Cuts at once where the writer has ended before the moment came. */
  async done(): Promise<Omit<CutReport, "log" | "ending">> {
    await this.#cut();
    clearTimeout(this.#timer);
    const survivors = await this.#disk.endSurvivors();
    return {
      before: this.#before ?? this.#parts.log,
      survivors,
      ...(this.#killed === undefined ? {} : { killed: this.#killed }),
    };
  }

  #watchOpening({ changeIn, name }: Change): void {
    this.#watch(changeIn, (folder) => {
      if (name === undefined) return this.#arm();
      if (this.#watchers.length > 1) return;
      this.#watch(join(changeIn, folder), (changed) => {
        if (changed === name) this.#arm();
      });
    });
  }

  #watch(folder: string, take: (name: string) => void): void {
    const watcher = watch(folder, (_, name) => take(name ?? ""));
    // Whoever is killed may take the folder away under our eyes.
    watcher.on("error", () => this.#arm());
    this.#watchers.push(watcher);
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      // Where it fails, `done` tells.
      this.#cut().catch(() => {});
    }, this.#parts.plan.delayMs);
  }

  #cut(): Promise<void> {
    this.#cutting ??= this.#cutOnce();
    return this.#cutting;
  }

  async #cutOnce(): Promise<void> {
    const { log, plan } = this.#parts;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    const { runId, acknowledged, halt, closed, failure } = log;
    this.#before = { runId, acknowledged, halt, closed, failure };
    await this.#disk.cut();
    if (plan.isKilled) this.#kill("with the cut");
    else this.#timer = setTimeout(() => this.#kill("for it hung"), MAX_ENDING_MS);
  }

  #kill(why: "with the cut" | "for it hung"): void {
    const { exitCode, signalCode } = this.#parts.child.process;
    if (exitCode !== null || signalCode !== null) return;
    this.#killed = why;
    this.#parts.child.kill();
  }
}
