// Opens a run, loses its writer process, says that it has halted, and stays until it is killed.
import { firstValueFrom } from "rxjs";
import { openRun } from "tidemark";
import { writerPids } from "../../support/writerPids.ts";

const [directory = ""] = process.argv.slice(2);
// Nothing else keeps a process alive that has halted.
setInterval(() => {}, 60_000);
const run = await openRun({ directory });
await run.append({ topic: "t", payloadType: "p", payload: "1" });
for (const pid of writerPids()) process.kill(pid, "SIGKILL");
run.offer({ topic: "t", payloadType: "p", payload: "2" });
const { kind, lastDurableSeq } = await firstValueFrom(run.halt$);
console.log(`${kind} ${lastDurableSeq}`);
