/**
 * Kills `tidemark record --ack` with SIGKILL at random moments and checks what the next `openRun`
 * recovers: every line that was acknowledged, as it was, and nothing that was never sent.
 *
 * node --conditions=tidemark-source --import tsx scripts/kill-record.ts [KILLS]
 */
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRun, readRun } from "../src/index.ts";
import { restOf, start, type Child } from "../test/cli/support/child.ts";

const KILLS = Number(process.argv[2] ?? 20);
/** A kill comes up to this long after the first acknowledgement. */
const LATEST_KILL_MS = 500;
const LINES_PER_WRITE = 500;

interface Outcome {
  readonly killedAfterMs: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly recovered: number;
  readonly status: string;
  readonly problem?: string;
}

function payloadOf(line: number): string {
  return `line ${line} ${"x".repeat(line % 300)}`;
}

/** Writes lines as fast as they are taken, until the process is gone; counts them. */
function feed({ process: child }: Child): { sent: number } {
  const fed = { sent: 0 };
  const write = (): void => {
    let hasRoom = true;
    while (hasRoom && child.stdin.writable) {
      let text = "";
      for (let n = 0; n < LINES_PER_WRITE; n += 1) {
        fed.sent += 1;
        text += `${JSON.stringify({ topic: "t", payloadType: "p", payload: payloadOf(fed.sent) })}\n`;
      }
      hasRoom = child.stdin.write(text);
    }
  };
  child.stdin.on("drain", write);
  write();
  return fed;
}

async function killOnce(directory: string): Promise<Outcome> {
  const child = start("record", directory, "--ack");
  const fed = feed(child);
  const first = await child.lines.next();
  if (first.done === true) throw new Error(`record did not start: ${(await child.ended).stderr}`);
  const killedAfterMs = randomInt(LATEST_KILL_MS);
  const timer = setTimeout(() => child.process.kill("SIGKILL"), killedAfterMs);
  const acks = [first.value, ...(await restOf(child.lines))];
  const { exit, stderr } = await child.ended;
  clearTimeout(timer);
  // The last line of output may be cut by the kill: then it was not printed.
  const acknowledged = acks.findLast((ack) => ack.endsWith("}"));
  const { line } = JSON.parse(acknowledged ?? '{"line":0}') as { line: number };
  const found = await recover(directory, line);
  const problem = exit === "SIGKILL" ? found.problem : `it ended by ${exit}: ${stderr}`;
  const outcome = { killedAfterMs, sent: fed.sent, acknowledged: line, ...found };
  return problem === undefined ? outcome : { ...outcome, problem };
}

async function recover(
  directory: string,
  acknowledged: number,
): Promise<Pick<Outcome, "recovered" | "status" | "problem">> {
  const next = await openRun({ directory });
  const [manifest] = next.recovered;
  await next.close();
  if (manifest === undefined)
    return { recovered: 0, status: "none", problem: "nothing to recover" };
  const { runId, status } = manifest;
  await using reader = await readRun({ directory, runId });
  let recovered = 0;
  let problem: string | undefined;
  for await (const { payload } of reader.entries({ from: 2 })) {
    recovered += 1;
    if (Buffer.from(payload).toString() !== payloadOf(recovered))
      problem ??= `line ${recovered} differs`;
  }
  if (recovered < acknowledged) problem ??= `${acknowledged - recovered} acknowledged lines lost`;
  if (status !== "crashed-recovered") problem ??= `sealed ${status}`;
  return { recovered, status, ...(problem === undefined ? {} : { problem }) };
}

let failures = 0;
let acknowledgedInAll = 0;
for (let kill = 1; kill <= KILLS; kill += 1) {
  const directory = await mkdtemp(join(tmpdir(), "tidemark-kill-"));
  try {
    const { problem, ...figures } = await killOnce(directory);
    if (problem !== undefined) failures += 1;
    acknowledgedInAll += figures.acknowledged;
    console.log(
      `kill ${kill}: after ${figures.killedAfterMs} ms, sent ${figures.sent}, ` +
        `acknowledged ${figures.acknowledged}, recovered ${figures.recovered} ` +
        `(${figures.status}): ${problem ?? "ok"}`,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
console.log(
  `${KILLS} kills, ${acknowledgedInAll} lines acknowledged, ${failures} kills with something wrong`,
);
process.exitCode = failures === 0 ? 0 : 1;
