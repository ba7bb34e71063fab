import { catchError, concatMap, map, of, type Observable, type SchedulerLike } from "rxjs";
import type { Backend } from "../backends/Backend.ts";
import type { RunManifest } from "../model/manifest.ts";
import { answerWithin } from "./answerWithin.ts";

/** How a log was let go of. */
export interface EndOfLog {
  /** The sealed manifest; absent where the log was not to be sealed. */
  readonly manifest?: RunManifest;
  /** Why the backend could not be closed after the seal: the run has ended all the same. */
  readonly failure?: unknown;
}

/**
 * Lets a backend go, sealed first if asked for. Errors with `SinkFailure` as long as the log is not
 * sealed; once it is, nothing can take that back.
 */
export function endOfLog(
  backend: Backend,
  config: {
    readonly isSealed: boolean;
    readonly timeoutMs: number;
    readonly scheduler: SchedulerLike;
  },
): Observable<EndOfLog> {
  const close$ = answerWithin(() => backend.close(), config);
  if (!config.isSealed) return close$.pipe(map(() => ({})));
  return answerWithin(() => backend.seal("ended"), config).pipe(
    concatMap((manifest) =>
      close$.pipe(
        map(() => ({ manifest })),
        catchError((failure: unknown) => of({ manifest, failure })),
      ),
    ),
  );
}
