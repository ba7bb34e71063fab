import { defer, from, lastValueFrom, of } from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { RunCatalog } from "../backends/RunCatalog.ts";
import { ClosedError, InvalidConfigError, NotFoundError } from "../model/errors.ts";
import { checkId, DEFAULT_INSTANCE_ID } from "../model/ids.ts";
import type { EntryQuery, RunReader } from "../model/Run.ts";
import { catalogOf, type CatalogAddress } from "./catalogOf.ts";
import { entrySourceOf } from "./entrySourceOf.ts";
import { checkHead } from "./headProblem.ts";
import { newestOf } from "./runId.ts";

/** One run in a catalog. */
export interface RunAddress extends CatalogAddress {
  /** Default `default`. */
  readonly instanceId?: string;
  /** Default: the newest run of the instance. */
  readonly runId?: string;
}

/** The run that an address means. */
export interface LocatedRun {
  readonly catalog: RunCatalog;
  readonly instanceId: string;
  readonly runId: string;
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
  const { check = "full" } = options;
  if (check !== "full" && check !== "edges") {
    throw new InvalidConfigError("check", "full or edges", check);
  }
  const { catalog, instanceId, runId } = await locate(options);
  const log = await catalog.read(instanceId, runId, { check });
  try {
    await checkHead(log);
  } catch (failure) {
    // What counts is why it must not be read, not that closing fails too.
    await closed(log).catch(() => undefined);
    throw failure;
  }
  return readerOf(log);
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

/** Lets go of a log. */
export function closed(log: RunLog): Promise<void> {
  return lastValueFrom(from(log.close()), { defaultValue: undefined });
}

function readerOf(log: RunLog): RunReader {
  const { runId, instanceId } = log.manifest;
  const watermark$ = of(log.watermark);
  let refusal: ClosedError | undefined;
  let closing: Promise<void> | undefined;
  const checkReadable = (): void => {
    if (refusal !== undefined) throw refusal;
  };
  const close = (): Promise<void> => {
    refusal ??= new ClosedError("reader");
    closing ??= closed(log);
    return closing;
  };
  const source = entrySourceOf({
    get watermark() {
      return log.watermark;
    },
    watermark$,
    borrow: () => defer(() => (checkReadable(), of(log))),
    giveBack: () => {},
    checkReadable,
  });
  return {
    ...source,
    entries: (query) => source.entries(checkedLive(log, query)),
    entries$: (query) => source.entries$(checkedLive(log, query)),
    get manifest() {
      return log.manifest;
    },
    runId,
    instanceId,
    watermark$,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A reader does not follow a run that is still written; to end silently would look like its end. */
function checkedLive(log: RunLog, query: EntryQuery | undefined): EntryQuery | undefined {
  if (query?.live === true && log.manifest.status === "running") {
    throw new InvalidConfigError("live", "absent while another process writes the run", true);
  }
  return query;
}
