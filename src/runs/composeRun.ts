import type { ObservableInput } from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { RunManifest } from "../model/manifest.ts";
import type { Run } from "../model/Run.ts";
import type { PipelineWriter } from "../streams/PipelineWriter.ts";
import { entrySourceOf } from "./entrySourceOf.ts";
import { LentLog } from "./LentLog.ts";
import { runEnded } from "./lifecycle.ts";

/** What a run is made of. */
export interface RunParts {
  readonly writer: PipelineWriter;
  /** Opens the run's own log for reading, beside the writer. */
  readonly openLog: () => ObservableInput<RunLog>;
  /** The predecessors that were sealed on the way. */
  readonly recovered: readonly RunManifest[];
}

/** A writer and its log, as one run. */
export function composeRun({ writer, openLog, recovered }: RunParts): Run {
  const log = new LentLog({
    watermark: () => writer.watermark,
    watermark$: writer.watermark$,
    open: openLog,
    refusal: () => writer.failure,
  });
  writer.watermark$.subscribe({ complete: () => log.done(writer.refusal()) });

  return {
    ...entrySourceOf(log),
    get accepted() {
      return writer.accepted;
    },
    get watermark() {
      return writer.watermark;
    },
    get manifest() {
      return writer.manifest;
    },
    runId: writer.manifest.runId,
    instanceId: writer.manifest.instanceId,
    recovered,
    watermark$: writer.watermark$,
    halt$: writer.halt$,
    commits$: writer.commits$,
    pressure$: writer.pressure$,
    submissions: writer.submissions,
    offer: (draft) => writer.offer(draft),
    submit: (draft) => writer.submit(draft),
    append: (draft) => writer.append(draft),
    append$: (draft) => writer.append$(draft),
    recordSnapshotAnchor: (snapshot) => writer.recordSnapshotAnchor(snapshot),
    close: () => writer.closeOwn(runEnded()),
    abandon: () => writer.abandon(),
    [Symbol.asyncDispose]: () => writer.abandon(),
  };
}
