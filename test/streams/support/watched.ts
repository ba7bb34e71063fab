import { asyncScheduler } from "rxjs";
import type { RunStreams } from "../../../src/model/Writer.ts";

/** Everything that a writer's streams tell, in the order told: `frame what value`. */
export function watched(run: RunStreams): string[] {
  const log: string[] = [];
  const startedAt = asyncScheduler.now();
  const tell = (what: string): void => {
    log.push(`${asyncScheduler.now() - startedAt} ${what}`);
  };
  run.watermark$.subscribe({
    next: (seq) => tell(`watermark ${seq} ${run.watermark}`),
    complete: () => tell("watermark |"),
  });
  run.commits$.subscribe({
    next: ({ fromSeq, toSeq, batches }) => {
      const closedBy = batches.map((batch) => `${batch.entries}${batch.closedBy}`).join("+");
      tell(`commit ${fromSeq}..${toSeq} ${closedBy}`);
    },
    complete: () => tell("commit |"),
  });
  run.halt$.subscribe({
    next: ({ kind, lostEntries }) => tell(`halt ${kind} ${lostEntries}`),
    complete: () => tell("halt |"),
  });
  run.pressure$.subscribe({
    next: ({ level, queued, waiting }) => tell(`pressure ${level} ${queued} ${waiting}`),
    complete: () => tell("pressure |"),
  });
  return log;
}
