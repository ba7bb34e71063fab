import { existsSync } from "node:fs";
import { join } from "node:path";
import { firstValueFrom } from "rxjs";
import { readRun } from "../../src/index.ts";
import { judgeRun } from "../support/judgeRun.ts";
import type { LifeVerdict } from "./judgeLife.ts";
import { DIRECTORY, GROUP, PREDECESSOR_ID, RUN_ID } from "./Life.ts";

interface Claim {
  readonly directory: string;
  readonly runId: string;
  readonly acknowledged: number;
  readonly isClosed: boolean;
}

/** What of the run of a life, once it was recovered, is not as it was told. */
export async function judgeOwnRun(root: string, verdict: LifeVerdict): Promise<string[]> {
  const directory = join(root, DIRECTORY);
  const manifest = join(directory, "default", RUN_ID, "manifest.json");
  // What could not be opened may have left something, or nothing.
  if (!verdict.isOpened && !existsSync(manifest)) return [];
  return judge({ ...verdict, directory, runId: RUN_ID });
}

/** What of the run that a life has found is not as its own writer was told. */
export async function judgePredecessor(root: string, acknowledged: number): Promise<string[]> {
  const directory = join(root, DIRECTORY);
  return judge({ directory, runId: PREDECESSOR_ID, acknowledged, isClosed: false });
}

async function judge(claim: Claim): Promise<string[]> {
  const { directory, runId, isClosed } = claim;
  const { breaches } = await judgeRun({ ...claim, group: GROUP });
  const all = [...breaches];
  if (breaches.length === 0) {
    await using reader = await readRun({ directory, instanceId: "default", runId });
    const { status } = reader.manifest;
    const entries = reader.entries$({ reverse: true });
    const last = await firstValueFrom(entries, { defaultValue: undefined });
    const honest = last?.topic === "run.lifecycle.RunEnded" ? "ended" : "crashed-recovered";
    if (status !== honest) all.push(`its status is ${status}, and it is ${honest}`);
    if (isClosed && status !== "ended") all.push(`it was closed, and its status is ${status}`);
  }
  return all.map((breach) => `${runId}: ${breach}`);
}
