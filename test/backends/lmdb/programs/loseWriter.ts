// Loses its writer process in the middle of an append, says what it is told of that, and goes on.
import { openRun } from "tidemark";
import { writerPids } from "../../../support/writerPids.ts";

const DRAFT = { topic: "t", payloadType: "p", payload: "x" };
const [directory = ""] = process.argv.slice(2);
const run = await openRun({ directory });
const halts: string[] = [];
run.halt$.subscribe(({ kind, lastDurableSeq }) => halts.push(`${kind} at ${lastDurableSeq}`));
await run.append(DRAFT);
const [pid = 0] = writerPids();
// It stands still, so that the append is surely under way when it dies.
process.kill(pid, "SIGSTOP");
const pending = [run.append(DRAFT), run.append(DRAFT)].map(codeOf);
setImmediate(() => process.kill(pid, "SIGKILL"));
const codes = [...(await Promise.all(pending)), await codeOf(run.append(DRAFT))];
const locked = await codeOf(openRun({ directory }));
console.log(JSON.stringify({ halts, codes, locked, watermark: run.watermark }));

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "resolved",
    (error: { readonly code: string }) => error.code,
  );
}
