// Follows the newest run and those that continue it, says every entry, and ends by itself.
import { readRun } from "tidemark";

const [directory = ""] = process.argv.slice(2);
const reader = await readRun({ directory });
let { runId } = reader;
const query = {
  live: true,
  followChildren: true,
  onCaughtUp: () => console.log("caught up"),
  onChild: (child: { runId: string }) => {
    ({ runId } = child);
  },
};
for await (const { seq } of reader.entries(query)) console.log(`${runId} ${seq}`);
await reader.close();
