// Opens a run, prints the pid of its writer process, and appends until it is killed.
import { openRun } from "tidemark";
import { writerPids } from "../writerPids.ts";

const [directory = ""] = process.argv.slice(2);
const run = await openRun({ directory });
console.log(writerPids()[0]);
for (;;) await run.append({ topic: "t", payloadType: "p", payload: "x" });
