// Opens a run, prints the pid of its writer process, and appends until it is killed.
import { openRun } from "tidemark";
import { writerPids } from "../../../support/writerPids.ts";

const [directory = ""] = process.argv.slice(2);
const run = await openRun({ directory });
// As text: a number may be coloured.
console.log(String(writerPids()[0]));
for (;;) await run.append({ topic: "t", payloadType: "p", payload: "x" });
