import type { RunLog } from "../backends/Backend.ts";
import type { RunCatalog } from "../backends/RunCatalog.ts";
import { InvalidConfigError, NotFoundError } from "../model/errors.ts";
import { checkId, DEFAULT_INSTANCE_ID } from "../model/ids.ts";
import { checkRecord } from "../model/options.ts";
import type { RunReader } from "../model/Run.ts";
import { catalogOf, type CatalogAddress } from "./catalogOf.ts";
import { Closing } from "./Closing.ts";
import { entrySourceOf } from "./entrySourceOf.ts";
import { FollowedRun, type FollowedRunConfig } from "./FollowedRun.ts";
import { lineagePages$ } from "./LineagePages.ts";
import { openLog, type LocatedRun } from "./openLog.ts";
import { newestOf } from "./runId.ts";

/** One run in a catalog. */
export interface RunAddress extends CatalogAddress {
  /** Default `default`. */
  readonly instanceId?: string;
  /** Default: the newest run of the instance. */
  readonly runId?: string;
}

/** One run in a catalog, and how much of its file is checked before it is read. */
export interface ReadRunOptions extends RunAddress {
  /** Everything reachable, or the two ends for a flat open time; default `full`. */
  readonly check?: "full" | "edges";
}

/**
 * Opens a run for reading: a sealed one, or one that another process writes.
 *
 * @example
 * ```ts
 * await using reader = await readRun({ directory: "./runs" });
 * for await (const entry of reader.entries({ topics: ["exec.*"] })) console.log(entry.seq);
 * ```
 * @throws {@link NotFoundError} where there is no such run, {@link CorruptedError} and
 * {@link UnsupportedFormatError} for what cannot be read, and for a log that does not end where its
 * run does; a quarantined one may be read as far as it goes.
 */
export async function readRun(options: ReadRunOptions): Promise<RunReader> {
  checkRecord("options", options);
  const { check = "full" } = options;
  if (check !== "full" && check !== "edges") {
    throw new InvalidConfigError("check", "full or edges", check);
  }
  const run = await locate(options);
  const log = await openLog(run, { check });
  return readerOf(log, { catalog: run.catalog, check, closing: new Closing() });
}

/** The run that an address means. */
export async function locate(address: RunAddress): Promise<LocatedRun> {
  const catalog = catalogOf(address);
  const instanceId = checkId("instanceId", address.instanceId ?? DEFAULT_INSTANCE_ID);
  const runId =
    address.runId === undefined
      ? await newestRunId(catalog, instanceId)
      : checkId("runId", address.runId);
  return { catalog, instanceId, runId };
}

async function newestRunId(catalog: RunCatalog, instanceId: string): Promise<string> {
  const runs = await catalog.list(instanceId);
  const newest = newestOf(runs.map(({ manifest }) => manifest));
  if (newest === undefined) throw new NotFoundError(`run of instance ${instanceId}`);
  return newest.runId;
}

function readerOf(log: RunLog, config: FollowedRunConfig): RunReader {
  const { runId, instanceId } = log.manifest;
  const { closing } = config;
  const run = new FollowedRun(log, config);
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ending ??= closing.close();
    return ending;
  };
  return {
    ...entrySourceOf(run.source, (query) => lineagePages$(run, query)),
    get manifest() {
      return log.manifest;
    },
    runId,
    instanceId,
    watermark$: run.source.watermark$,
    close,
    [Symbol.asyncDispose]: close,
  };
}
