// Loses its writer process while one commit is out and a large one is handed over behind it, and says
// what it is told of that.
import { openRun } from "tidemark";
import { writerPids } from "../../../support/writerPids.ts";

const DRAFT = { topic: "t", payloadType: "p", payload: "x".repeat(256) };
const LARGE = 4_000;
const [directory = ""] = process.argv.slice(2);
const run = await openRun({ directory });
await run.append(DRAFT);
const [pid = 0] = writerPids();
// It stands still, so that both are surely under way when it dies.
process.kill(pid, "SIGSTOP");
let [resolved, failed] = [0, 0];
const appends = Array.from({ length: 2 * LARGE }, () =>
  run.append(DRAFT).then(
    () => (resolved += 1),
    () => (failed += 1),
  ),
);
const told: string[] = [];
run.halt$.subscribe(({ kind, lastDurableSeq, lostEntries }) =>
  told.push(
    `${kind} at ${lastDurableSeq}, ${run.accepted - lastDurableSeq - lostEntries} miscounted`,
  ),
);
setImmediate(() => process.kill(pid, "SIGKILL"));
await Promise.all(appends);
console.log(JSON.stringify({ told, resolved, failed, watermark: run.watermark }));
