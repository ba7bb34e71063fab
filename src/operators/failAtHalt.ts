import { takeLast, tap } from "rxjs";
import type { Subscriber } from "rxjs";
import { HaltedError } from "../model/errors.ts";
import type { RunStreams } from "../model/Writer.ts";

/**
 * Ends an operator's output when the writer halts: `stop` at the reason, the error when `halt$`
 * completes after it. By then every subscriber of `halt$` has the reason, whoever came first, so
 * nobody learns of a halt from a failing stream before the streams that tell why.
 *
 * @internal
 */
export function failAtHalt(
  run: Pick<RunStreams, "halt$">,
  subscriber: Subscriber<unknown>,
  stop: () => void,
): void {
  subscriber.add(
    run.halt$.pipe(tap(stop), takeLast(1)).subscribe({
      next: (reason) => subscriber.error(new HaltedError(reason)),
      error: (error: unknown) => subscriber.error(error),
    }),
  );
}
