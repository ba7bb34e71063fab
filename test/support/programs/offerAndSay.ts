// Keeps a run saturated, and says of each commit how far it goes, with a write of its own: what a
// trace of system calls can be compared with.
import { writeSync } from "node:fs";
import { openRun } from "tidemark";

/** Two transactions that are out, and a full queue. */
const OUTSTANDING = 17_000;
const DRAFT = { topic: "exec.event", payloadType: "OrderFilled", payload: "p".repeat(256) };

const [directory = "", count = "10"] = process.argv.slice(2);
const run = await openRun({ directory });
await new Promise<void>((resolve) => {
  run.watermark$.subscribe((watermark) => {
    writeSync(1, `ACK ${watermark}\n`);
    if (watermark >= Number(count)) return resolve();
    while (run.accepted < watermark + OUTSTANDING && run.offer(DRAFT));
  });
});
await run.close();
