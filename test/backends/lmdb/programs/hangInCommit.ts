// Appends while its writer process stands still, until it halts, and says what it was told meanwhile.
// "busy": more is handed in than the queue takes. "quiet": one entry is.
import { firstValueFrom, toArray } from "rxjs";
import { openRun } from "tidemark";
import { writerPids } from "../../../support/writerPids.ts";

const [directory = "", load = "quiet"] = process.argv.slice(2);
const DRAFT = { topic: "t", payloadType: "p", payload: "x" };
const run = await openRun({
  directory,
  writer: { queueCapacity: 10, haltThresholdMs: 300, commitTimeoutMs: 800 },
});
await run.append(DRAFT);
const [pid = 0] = writerPids();
process.kill(pid, "SIGSTOP");
const stoppedAt = performance.now();
let turns = 0;
const count = setInterval(() => (turns += 1), 10);
const halts = firstValueFrom(run.halt$.pipe(toArray()));
const pending = Array.from({ length: load === "busy" ? 50 : 1 }, () => codeOf(run.append(DRAFT)));
const told = (await halts).map(({ kind, lostEntries }) => ({ kind, lostEntries }));
const haltedAfterMs = performance.now() - stoppedAt;
// Nothing is left hanging, whatever the writer does.
const codes = [...new Set(await Promise.all(pending))];
const settledAfterMs = performance.now() - stoppedAt;
clearInterval(count);
const { watermark } = run;
await run.abandon();
console.log(JSON.stringify({ told, haltedAfterMs, codes, settledAfterMs, turns, watermark }));

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "resolved",
    (error: { readonly code: string }) => error.code,
  );
}
