// The life of a run: open, append, watch what is on disk, close, read back.
import { openRun, readRun } from "tidemark";

const directory = process.argv[2] ?? "./runs";
const run = await openRun({ directory }); // entry 1: RunStarted
run.watermark$.subscribe((seq) => console.log(`on disk: 1 to ${seq}`));
run.halt$.subscribe((reason) => console.error(`stop trading: ${reason.kind}`));

const appends = [{ price: 101.25 }, { price: 101.5 }, { price: 101.75 }].map((order) =>
  run.append({ topic: "exec.command", payloadType: "SubmitOrder", payload: JSON.stringify(order) }),
);
console.log(`appended: ${(await Promise.all(appends)).join(", ")}`);
await run.close(); // entry 5: RunEnded

const reader = await readRun({ directory });
for await (const entry of reader.entries({ topics: ["exec.*"] })) {
  console.log(entry.seq, entry.payloadType, Buffer.from(entry.payload).toString());
}
await reader.close();
