// Opens a run, appends to it without an end, and says each watermark.
import { setTimeout as delay } from "node:timers/promises";
import { openRun } from "tidemark";

const [directory = ""] = process.argv.slice(2);
const run = await openRun({ directory });
run.watermark$.subscribe({
  next: (seq) => console.log(`${seq}`),
  error: () => process.exit(1),
});
for (;;) {
  await Promise.all(
    [1, 2, 3].map((item) => run.append({ topic: "t", payloadType: "p", payload: `${item}` })),
  );
  // The pace of what is killed: nobody waits for it.
  await delay(1);
}
