// Appends entries one by one and says so, each time after the acknowledgement, with a write of its
// own: what a trace of system calls can be compared with.
import { writeSync } from "node:fs";
import { openRun } from "tidemark";

const [directory = "", count = "10"] = process.argv.slice(2);
const run = await openRun({ directory });
for (let i = 0; i < Number(count); i += 1) {
  const seq = await run.append({
    topic: "exec.command",
    payloadType: "SubmitOrder",
    payload: `${i}`,
  });
  writeSync(1, `ACK ${seq}\n`);
}
await run.close();
