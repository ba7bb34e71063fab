import { ProofThread } from "../../../src/runs/ProofThread.ts";
import { sharedProofs } from "../../../src/runs/SharedProofs.ts";

/* Ends a thread whose answer has come and was not looked at yet; leaves another one to itself. */

const BUSY_MS = 300;

void sharedProofs.areProven([]);
const thread = new ProofThread();
await thread.prove([]);
const answer = thread.prove([]).catch(() => undefined);
for (const until = performance.now() + BUSY_MS; performance.now() < until;);
await thread.end();
await answer;
process.stdout.write("ended\n");
