import type { RunLog } from "../backends/Backend.ts";
import type { Lease, RunCatalog } from "../backends/RunCatalog.ts";
import { FORMAT_VERSION } from "../format/formatVersion.ts";
import { checkIdentity } from "../model/checkIdentity.ts";
import { HaltedError, NotFoundError, NotSealedError, QuarantinedError } from "../model/errors.ts";
import { checkId, DEFAULT_INSTANCE_ID } from "../model/ids.ts";
import type { RunIdentity, RunManifest } from "../model/manifest.ts";
import type { Run } from "../model/Run.ts";
import { errorOfHalt } from "../streams/haltCauseOf.ts";
import { checkedOptions, createWriter, type OpenWriterOptions } from "../streams/openWriter.ts";
import type { PipelineWriter } from "../streams/PipelineWriter.ts";
import { systemClock } from "../streams/systemClock.ts";
import { catalogOf, type CatalogAddress } from "./catalogOf.ts";
import { composeRun } from "./composeRun.ts";
import { leasedBackend } from "./leasedBackend.ts";
import { runStarted } from "./lifecycle.ts";
import { recoverUnsealed } from "./recoverRun.ts";
import { releasingOnFailure } from "./releasing.ts";
import { newestOf, newRun } from "./runId.ts";

/** What to open, and how the writer works. Exactly one of `directory` and `catalog` is needed. */
export interface OpenRunOptions extends CatalogAddress, OpenWriterOptions {
  /** Whose runs; default `default`. One process at a time writes an instance. */
  readonly instanceId?: string;
  /** What runs: it becomes the payload of `RunStarted` and part of the manifest. */
  readonly identity?: RunIdentity;
  /**
   * A sealed run this one continues; default: the newest predecessor if it crashed, or what that one
   * continues if it crashed empty.
   */
  readonly parentRunId?: string;
}

/**
 * Opens a new run: takes the instance's lease, seals the predecessors that nobody sealed, creates
 * the run and commits `RunStarted`. What resolves has a watermark of at least 1.
 *
 * @example
 * ```ts
 * const run = await openRun({ directory: "./runs" });
 * await run.append({ topic: "exec.command", payloadType: "SubmitOrder", payload: "{}" });
 * await run.close();
 * ```
 * @throws {@link InvalidConfigError} for an option out of bounds, {@link LockedError} where another
 * writer holds the instance, for `parentRunId` {@link NotFoundError}, {@link NotSealedError} or
 * {@link QuarantinedError}, and what the disk or the backend says. Whatever fails, a run that has no
 * manifest yet leaves nothing behind, and the lease is free again; it is kept until the process ends
 * only where something of the new run may still land.
 */
export async function openRun(options: OpenRunOptions): Promise<Run> {
  const catalog = catalogOf(options);
  // Defaults stand for what is absent, not for null.
  const { instanceId = DEFAULT_INSTANCE_ID, identity = {} } = options;
  checkId("instanceId", instanceId);
  checkIdentity(identity);
  // What was checked is what counts, whatever becomes of the options while this waits.
  const checked = {
    ...options,
    identity: structuredClone(identity),
    writer: checkedOptions(options).writerOptions,
  };
  if (checked.parentRunId !== undefined) checkId("parentRunId", checked.parentRunId);

  const lease = await catalog.acquire(instanceId);
  return releasingOnFailure(
    () => lease.release(),
    () => openUnder(lease, catalog, checked),
  );
}

async function openUnder(lease: Lease, catalog: RunCatalog, options: OpenRunOptions): Promise<Run> {
  const { instanceId } = lease;
  const { clock = systemClock, identity = {} } = options;
  const found = (await catalog.list(instanceId)).map(({ manifest }) => manifest);
  const recovered = await recoverUnsealed(lease, found);
  const runs = found.map((run) => recovered.find(({ runId }) => runId === run.runId) ?? run);
  const parentRunId = parentOf(runs, options.parentRunId);
  const { runId, startTsInit } = newRun(clock, runs);
  const backend = await lease.create({
    formatVersion: FORMAT_VERSION,
    runId,
    instanceId,
    ...(parentRunId === undefined ? {} : { parentRunId }),
    identity,
    startTsInit,
    highWatermark: 0,
    status: "running",
  });
  const writer = createWriter(leasedBackend(backend, lease), options);
  await started(writer, identity);
  const openLog = (): Promise<RunLog> => catalog.read(instanceId, runId, { check: "edges" });
  return composeRun({ writer, openLog, recovered });
}

async function started(writer: PipelineWriter, identity: RunIdentity): Promise<void> {
  try {
    await writer.appendOwn(runStarted(identity));
  } catch (failure) {
    await writer.abandon();
    // A run that never began has not halted: what counts is why its backend refused.
    throw failure instanceof HaltedError ? errorOfHalt(failure.reason) : failure;
  }
}

/** The run that a new one continues. */
function parentOf(runs: readonly RunManifest[], asked: string | undefined): string | undefined {
  if (asked !== undefined) return checkedParent(runs, asked);
  const newest = newestOf(runs);
  if (newest?.status !== "crashed-recovered") return undefined;
  // A run that crashed before its first entry hands on what it meant to continue.
  return newest.highWatermark === 0 ? newest.parentRunId : newest.runId;
}

function checkedParent(runs: readonly RunManifest[], runId: string): string {
  const parent = runs.find((run) => run.runId === runId);
  if (parent === undefined) throw new NotFoundError(`run ${runId}`);
  if (parent.status === "running") throw new NotSealedError(runId);
  if (parent.status === "quarantined") throw new QuarantinedError(runId);
  return runId;
}
