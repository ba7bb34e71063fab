import { listRuns, type RunSummary } from "../../src/index.ts";
import { judgeRun } from "../support/judgeRun.ts";
import { parentFaults } from "../support/parentFaults.ts";
import { GROUP, INSTANCES } from "./settings.ts";

interface Claim {
  /** The largest watermark that anybody was told or has seen. */
  readonly watermark: number;
  /** What the run was sealed as, by whoever saw it first. */
  readonly sealed?: string;
}

/** What the crowd was told of each run, and how it holds against what is on disk in the end. */
export class Claims {
  readonly #byRun = new Map<string, Claim>();
  readonly #breaches: string[] = [];

  claim(run: string, watermark: number): void {
    const before = this.#byRun.get(run);
    if (before === undefined || watermark > before.watermark) {
      this.#byRun.set(run, { ...before, watermark });
    }
  }

  /** A run is sealed once: whoever looks sees the same status and the same end. */
  claimSealed(run: string, status: string, watermark: number): void {
    this.claim(run, watermark);
    const sealed = `${status} at ${watermark}`;
    const before = this.#byRun.get(run);
    if (before?.sealed !== undefined && before.sealed !== sealed) {
      this.#breaches.push(`${run} was sealed ${before.sealed}, then ${sealed}`);
    }
    if (status === "quarantined") this.#breaches.push(`${run} was quarantined, and is not damaged`);
    this.#byRun.set(run, { ...before, watermark: before?.watermark ?? watermark, sealed });
  }

  get runs(): number {
    return this.#byRun.size;
  }

  get entries(): number {
    return [...this.#byRun.values()].reduce((sum, { watermark }) => sum + watermark, 0);
  }

  /**
   * What does not hold, after everybody has gone and every run was recovered.
   *
   * @param isBlind - two could open at once, and then both continue the same run.
   */
  async breachesIn(directory: string, isBlind: boolean): Promise<readonly string[]> {
    const listed = await listRuns({ directory });
    const breaches = [...this.#breaches, ...(isBlind ? [] : strangersIn(listed))];
    for (const summary of listed) {
      for (const breach of await this.#judge(directory, summary)) breaches.push(breach);
    }
    const known = new Set(listed.map(nameOf));
    const gone = [...this.#byRun.keys()].filter((run) => !known.has(run));
    return [...breaches, ...gone.map((run) => `${run} is gone`)];
  }

  /** A judge that lets a lie pass is none: one entry more than the log has must be missed. */
  async breachesOfControl(directory: string): Promise<readonly string[]> {
    const [summary] = await listRuns({ directory });
    if (summary === undefined) return [];
    const liar = new Claims();
    liar.claim(nameOf(summary), summary.watermark + 1);
    const found = await liar.#judge(directory, summary);
    return found.some((breach) => breach.includes("lost")) ? [] : ["the judge misses a lost entry"];
  }

  async #judge(directory: string, summary: RunSummary): Promise<readonly string[]> {
    const { manifest, problem } = summary;
    const { runId, instanceId, status, highWatermark } = manifest;
    const run = nameOf(summary);
    const { watermark: acknowledged, sealed } = this.#byRun.get(run) ?? { watermark: 0 };
    const address = { directory, instanceId, runId };
    const { watermark, breaches } = await judgeRun({ ...address, acknowledged, group: GROUP });
    const isOther = sealed !== undefined && sealed !== `${status} at ${watermark}`;
    return [
      ...(problem === undefined ? [] : [`listed with ${problem}`]),
      ...(status === "running" ? ["it was not recovered"] : []),
      ...(isOther ? [`sealed ${sealed}, it is ${status} at ${watermark}`] : []),
      ...(highWatermark === watermark
        ? []
        : [`${highWatermark} in its manifest, ${watermark} in it`]),
      ...breaches,
    ].map((breach) => `${run}: ${breach}`);
  }
}

/** Runs that continue another one than they must. */
function strangersIn(listed: readonly RunSummary[]): readonly string[] {
  const manifests = listed.map(({ manifest }) => manifest);
  return INSTANCES.flatMap((instance) =>
    parentFaults(manifests.filter(({ instanceId }) => instanceId === instance)),
  );
}

function nameOf({ manifest }: RunSummary): string {
  return `${manifest.instanceId}/${manifest.runId}`;
}
