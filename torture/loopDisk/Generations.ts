import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { listRuns, type RunManifest, type RunSummary } from "../../src/index.ts";
import type { WriterSettings } from "../programs/writer.ts";
import { ChildProgram } from "../support/ChildProgram.ts";
import { judgeRun } from "../support/judgeRun.ts";
import { parentFaults } from "../support/parentFaults.ts";
import type { Tally } from "../support/Tally.ts";
import { WriterLog } from "../support/WriterLog.ts";
import { cutWriter, type CutPlan, type CutReport } from "./cutWriter.ts";
import type { Disk } from "./Disk.ts";
import { tallyReport } from "./tallyReport.ts";

const INSTANCE_ID = "default";
/** Entries that are handed in together. */
export const GROUP = 10;

/** What the writers of a directory are told, but for where it is. */
export type GenerationSettings = Omit<WriterSettings, "directory" | "group" | "instanceId">;

/** A run that a writer has said to be open. */
interface Claim {
  readonly runId: string;
  readonly acknowledged: number;
  /** What it holds when everything was written, `RunStarted` and `RunEnded` included. */
  readonly wholeEntries: number;
  readonly closed: WriterLog["closed"];
}

const UNHEARD_OF = { acknowledged: 0, wholeEntries: Infinity, closed: undefined };

/**
 * One directory through cut after cut: each writer recovers what the one before left behind, and
 * starts a run of its own. Every run is judged when somebody has sealed it, and all once more in
 * the end.
 */
export class Generations {
  readonly #disk: Disk;
  readonly #name: string;
  readonly #tally: Tally;
  readonly #claims = new Map<string, Claim>();
  readonly #judged = new Set<string>();
  /** What is judged twice counts once. */
  readonly #counted = new Set<string>();

  constructor(disk: Disk, name: string, tally: Tally) {
    this.#disk = disk;
    this.#name = name;
    this.#tally = tally;
  }

  /** Where the folders of runs appear, as this process sees it; not there before the first run. */
  get instanceFolder(): string {
    return join(this.#directory, INSTANCE_ID);
  }

  /** Where the next new name will appear: what is there of the way to the folder of a run. */
  get growingFolder(): string {
    const way = [this.instanceFolder, this.#directory];
    return way.find((folder) => existsSync(folder)) ?? this.#disk.seen;
  }

  /** The names in it: ids of runs, begun or not, oldest first. */
  get folders(): readonly string[] {
    return existsSync(this.instanceFolder) ? readdirSync(this.instanceFolder).toSorted() : [];
  }

  get #directory(): string {
    return join(this.#disk.seen, this.#name);
  }

  /** Lets a writer work until the power is cut, and judges what is there when it is back. */
  async cut(n: number, settings: GenerationSettings, plan: CutPlan): Promise<CutReport> {
    const report = await cutWriter(this.#disk, this.#whole(settings), plan);
    await this.#disk.replay();
    tallyReport(n, this.#tally, report);
    await this.#take(n, report.log, settings);
    return report;
  }

  /** Lets a last writer open, work and close without any cut, and judges everything again. */
  async finish(n: number): Promise<void> {
    const settings: GenerationSettings = { groups: 1 };
    const child = new ChildProgram("writer", [JSON.stringify(this.#whole(settings))], {
      under: this.#disk.under,
    });
    const log = new WriterLog(child);
    await log.read;
    const { exit, stderr } = await child.ended;
    if (exit !== 0) this.#tally.breach(n, `the last writer ended by ${exit}: ${stderr}`);
    if (log.closed === undefined) {
      this.#tally.breach(n, `the last writer did not close: ${log.failure?.message}`);
    }
    const known = new Set(this.#judged);
    this.#judged.clear();
    await this.#take(n, log, settings);
    for (const fault of parentFaults(await this.#manifests())) this.#tally.breach(n, fault);
    for (const runId of known) {
      if (!this.#judged.has(runId)) this.#tally.breach(n, `${runId} was there, and is gone`);
    }
  }

  async #manifests(): Promise<readonly RunManifest[]> {
    const runs = await listRuns({ directory: this.#directory, instanceId: INSTANCE_ID });
    return runs.map(({ manifest }) => manifest);
  }

  #whole(settings: GenerationSettings): WriterSettings {
    // Long commits are given up soon, so that a hung disk shows in the halt and not in the test.
    const writer = { commitTimeoutMs: 3_000 };
    return { writer, ...settings, group: GROUP, directory: join(this.#disk.root, this.#name) };
  }

  async #take(n: number, log: WriterLog, { groups = Infinity }: GenerationSettings): Promise<void> {
    const { runId, closed } = log;
    if (runId !== undefined) {
      // What a halt says of the log is a promise as well.
      const acknowledged = Math.max(log.acknowledged, log.halt?.lastDurableSeq ?? 0);
      this.#claims.set(runId, { runId, acknowledged, wholeEntries: groups * GROUP + 2, closed });
    }
    for (const claim of this.#claims.values()) {
      const folder = join(this.instanceFolder, claim.runId);
      if (existsSync(join(folder, "manifest.json"))) continue;
      this.#tally.breach(n, `${claim.runId} was open, and is not there`);
    }
    await this.#judge(n, runId);
  }

  /** Judges what is sealed: what was closed, and all the others once a later run was opened. */
  async #judge(n: number, openedNow: string | undefined): Promise<void> {
    const runs = await listRuns({ directory: this.#directory, instanceId: INSTANCE_ID });
    for (const run of runs) {
      const { runId } = run.manifest;
      const isClosed = this.#claims.get(runId)?.closed !== undefined;
      const mustBeSealed = openedNow !== undefined && runId !== openedNow;
      if (this.#judged.has(runId) || !(isClosed || mustBeSealed)) continue;
      this.#judged.add(runId);
      await this.#judgeRun(n, run);
    }
    this.#countUnborn(n, runs);
  }

  async #judgeRun(n: number, { manifest, problem }: RunSummary): Promise<void> {
    const { runId } = manifest;
    const breach = (what: string): void => this.#tally.breach(n, `${runId}: ${what}`);
    // A run that nobody was told of may be there, and if so must be as good as any other.
    const claim = this.#claims.get(runId);
    const { acknowledged, wholeEntries, closed } = claim ?? UNHEARD_OF;
    if (problem !== undefined) return breach(problem);
    const directory = this.#directory;
    const judgement = await judgeRun({ directory, runId, acknowledged, group: GROUP });
    for (const what of judgement.breaches) breach(what);
    const status = judgement.watermark === wholeEntries ? "ended" : "crashed-recovered";
    if (manifest.status !== status) {
      breach(`is ${manifest.status} with ${judgement.watermark} of ${wholeEntries} entries`);
    }
    if (closed !== undefined && closed.highWatermark !== judgement.watermark) {
      breach(`was closed at ${closed.highWatermark} and holds ${judgement.watermark}`);
    }
    if (this.#counted.has(runId)) return;
    this.#counted.add(runId);
    this.#tally.add(`runs ${manifest.status}`);
    this.#tally.add("entries acknowledged", acknowledged);
    this.#tally.add("entries found beyond the acknowledged", judgement.watermark - acknowledged);
  }

  /** Folders without a manifest are no runs: nobody was told of them, and no list has them. */
  #countUnborn(n: number, runs: readonly RunSummary[]): void {
    const known = new Set(runs.map(({ manifest }) => manifest.runId));
    for (const name of this.folders) {
      const hasManifest = existsSync(join(this.instanceFolder, name, "manifest.json"));
      if (known.has(name) === hasManifest) continue;
      this.#tally.breach(n, `${name} is ${hasManifest ? "not " : ""}listed`);
    }
  }
}
