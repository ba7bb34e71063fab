import { NotFoundError } from "../model/errors.ts";
import type { RunManifest } from "../model/manifest.ts";
import type { RunSummary } from "../model/Run.ts";

/** What comes after a run: the run that continues it, or whether there may yet be one. */
export type Sequel = { readonly child: RunManifest } | { readonly mayCome: boolean };

/**
 * What comes after a run, as far as the runs of its instance tell: its oldest child. One that crashed
 * or was left unsealed gets a child from whoever opens the next run; so it may yet come as long as
 * there is no newer one. An empty run that crashed hands on its own parent: what continues that,
 * continues it.
 *
 * @throws {@link NotFoundError} where the run is not among them.
 */
export function sequelOf(runs: readonly RunSummary[], runId: string): Sequel {
  const run = runs.find(({ manifest }) => manifest.runId === runId)?.manifest;
  if (run === undefined) throw new NotFoundError(`run ${runId}`);
  const newer = runs
    .map(({ manifest }) => manifest)
    .filter(({ startTsInit }) => startTsInit > run.startTsInit)
    .toSorted((a, b) => (a.startTsInit < b.startTsInit ? -1 : 1));
  const child = newer.find(({ parentRunId }) => parentRunId === runId) ?? heirOf(run, newer);
  if (child !== undefined) return { child };
  const isLeft = run.status === "running" || run.status === "crashed-recovered";
  return { mayCome: isLeft && newer.length === 0 };
}

function heirOf(run: RunManifest, newer: readonly RunManifest[]): RunManifest | undefined {
  const { status, highWatermark, parentRunId } = run;
  if (status !== "crashed-recovered" || highWatermark > 0 || parentRunId === undefined) {
    return undefined;
  }
  return newer.find((other) => other.parentRunId === parentRunId);
}
