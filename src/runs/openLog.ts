import { from, lastValueFrom, Observable } from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { ReadOptions, RunCatalog } from "../backends/RunCatalog.ts";
import { checkHead } from "./headProblem.ts";
import { releasingOnFailure } from "./releasing.ts";

/** The run that an address means. */
export interface LocatedRun {
  readonly catalog: RunCatalog;
  readonly instanceId: string;
  readonly runId: string;
}

/** Opens the log of a run to be read; it has to end where its run does. */
export async function openLog(
  { catalog, instanceId, runId }: LocatedRun,
  options: ReadOptions,
): Promise<RunLog> {
  const log = await catalog.read(instanceId, runId, options);
  await releasingOnFailure(
    () => closed(log),
    () => checkHead(log),
  );
  return log;
}

/** The same; a log that nobody waits for any more once it is open is closed again. */
export function openedLog$(run: LocatedRun, options: ReadOptions): Observable<RunLog> {
  return new Observable((subscriber) => {
    const hand = async (): Promise<void> => {
      const log = await openLog(run, options);
      if (subscriber.closed) return closed(log);
      subscriber.next(log);
      subscriber.complete();
    };
    // Who has left is told nothing: RxJS drops it.
    hand().catch((failure: unknown) => subscriber.error(failure));
  });
}

/** Lets go of a log. */
export function closed(log: RunLog): Promise<void> {
  return lastValueFrom(from(log.close()), { defaultValue: undefined });
}
