import type { Observable } from "rxjs";
import type { RunStreams } from "../../src/model/Writer.ts";
import type { Sight } from "./History.ts";
import type { StreamName } from "./Script.ts";

/** Tells everything that the streams of a writer emit, as their first subscriber. */
export function watch(writer: RunStreams, see: (sight: Sight) => void, onEnd: () => void): void {
  const tell = <Value>(
    stream: StreamName,
    values$: Observable<Value>,
    sightOf: (value: Value) => Sight,
  ): void => {
    values$.subscribe({
      next: (value) => see(sightOf(value)),
      error: (failure: unknown) =>
        see({ kind: "unhandled", message: `${stream}: ${String(failure)}` }),
      complete: () => {
        see({ kind: "completed", stream });
        if (stream === "watermark$") onEnd();
      },
    });
  };
  tell("watermark$", writer.watermark$, (seq) => ({ kind: "watermark", seq }));
  tell("commits$", writer.commits$, (commit) => ({ kind: "commit", commit }));
  tell("halt$", writer.halt$, (reason) => ({ kind: "halt", reason }));
  tell("pressure$", writer.pressure$, (pressure) => ({ kind: "pressure", pressure }));
}
