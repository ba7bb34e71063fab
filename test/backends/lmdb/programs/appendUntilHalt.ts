// Appends, a batch after the other, until the run halts, and says how that was.
import { lastValueFrom, toArray } from "rxjs";
import { openRun } from "tidemark";
import { eventually } from "../../../support/processes.ts";
import { writerPids } from "../../../support/writerPids.ts";

const [directory = "", payloadBytes = "256"] = process.argv.slice(2);
const DRAFT = {
  topic: "exec.command",
  payloadType: "SubmitOrder",
  payload: new Uint8Array(Number(payloadBytes)).fill(7),
};
const run = await openRun({ directory });
let seq = 1;
do {
  const appended = Array.from({ length: 100 }, (_, at) =>
    run.append({ ...DRAFT, indexKeys: [{ kind: "id", key: `O-${seq + at}` }] }),
  );
  await Promise.allSettled(appended);
  seq += 100;
} while (run.watermark === seq);
const reasons = await lastValueFrom(run.halt$.pipe(toArray()));
const { cause: _, ...reason } = reasons[0] as { cause?: unknown };
const { watermark, manifest } = run;
const { runId } = manifest;
// What it has open takes room on a disk that is full.
await eventually(() => writerPids().length === 0, "the writer process is still there");
console.log(JSON.stringify({ ...reason, reasons: reasons.length, watermark, runId }));
