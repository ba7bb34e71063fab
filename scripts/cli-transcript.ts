// What every verb prints for a run of the matching engine (examples/04), as it stands in docs/cli.md.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { OrderBook } from "nodejs-order-book";
import { listRuns, openRun, readRun } from "tidemark";
import { applyCommand } from "../examples/04-matching-engine/engine.ts";
import { orderFlow } from "../examples/04-matching-engine/orderFlow.ts";
import { commandDraft, eventDraft } from "../examples/04-matching-engine/session.ts";
import { run } from "../test/cli/support/testContext.ts";

const COMMANDS = 120;
const SEED = 42;
const STEP_NS = 250_000n;

/** A clock that begins at a fixed time and moves on whenever it is read. */
class SteppingClock {
  #ns: bigint;

  constructor(startNs: bigint) {
    this.#ns = startNs;
  }

  now(): bigint {
    this.#ns += STEP_NS;
    return this.#ns;
  }
}

/** A session of the matching engine, one command at a time; the second one is never closed. */
async function recordSessions(directory: string): Promise<void> {
  const clock = new SteppingClock(1_715_126_400_000_000_000n);
  for (const orders of [COMMANDS, 5]) {
    const session = await openRun({ directory, identity: { seed: BigInt(SEED) }, clock });
    const book = new OrderBook();
    for (const command of orderFlow(SEED, orders)) {
      await session.append(commandDraft(command));
      for (const event of applyCommand(book, command)) session.offer(eventDraft(event));
    }
    if (orders === COMMANDS) {
      const contentHash = `blake3:${"0".repeat(64)}`;
      await session.recordSnapshotAnchor({ blobRef: "books/1.json", contentHash });
      await session.close();
    } else {
      await session.abandon();
    }
  }
}

/** Runs commands and writes down what they print. */
class Transcript {
  readonly #folder: string;
  readonly #lines: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Runs a command; of its output, the first lines are shown. Gives all of it. */
  async type(line: string, { head = Infinity, input = "" }: Typed = {}): Promise<string> {
    const words = line.split(" ").map((word) => word.replaceAll("'", ""));
    const args = words.map((word) =>
      /^(?:runs|copies)(?:\/|$)/.test(word) ? join(this.#folder, word) : word,
    );
    const stdin = Readable.from([Buffer.from(input)]);
    const { exitCode, stdout, stderr } = await run(args, { stdin });
    const printed = stdout === "" ? [] : stdout.trimEnd().split("\n");
    const shown = [...printed.slice(0, head), ...(printed.length > head ? ["…"] : [])];
    const piped = input === "" ? "" : "tidemark export --directory runs --run RUN | ";
    this.#lines.push(`$ ${piped}tidemark ${line}`);
    this.#lines.push(...shown, ...stderr.split("\n").filter((told) => told !== ""));
    if (exitCode !== 0) this.#lines.push(`(exit code ${exitCode})`);
    this.#lines.push("");
    return stdout;
  }

  text(): string {
    return this.#lines.join("\n").replaceAll(`${this.#folder}/`, "").trimEnd();
  }
}

interface Typed {
  readonly head?: number;
  readonly input?: string;
}

/**
 * The transcript. Masked, since nobody can know them: the random ends of run ids, the whole ids of
 * runs that the command itself recorded, and the sizes of files.
 */
export async function cliTranscript(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-transcript-"));
  try {
    await recordSessions(join(folder, "runs"));
    const [first] = await listRuns({ directory: join(folder, "runs") });
    const runId = first?.manifest.runId ?? "";
    const transcript = new Transcript(folder);
    const at = `--directory runs --run ${runId}`;
    await transcript.type("ls runs");
    await transcript.type("recover runs");
    await transcript.type(`stat ${at} --plot`);
    await transcript.type(`tail ${at} --topic exec.* --limit 4`);
    await transcript.type(`tail ${at} --follow --from 272`);
    await transcript.type(`inspect ${at} --key clientOrderId=O-2`);
    const busiest = await busiestCommand(join(folder, "runs"), runId);
    await transcript.type(`why ${at} ${busiest}`);
    await transcript.type(`why ${at} ${busiest + 1}`);
    await transcript.type(`verify ${at}`);
    const exported = await transcript.type(`export ${at}`, { head: 2 });
    await transcript.type(`export ${at} --format csv`, { head: 2 });
    await transcript.type("record copies", { input: exported });
    const [copy] = await listRuns({ directory: join(folder, "copies") });
    const copyId = copy?.manifest.runId ?? "";
    await transcript.type(`diff runs/default/${runId} copies/default/${copyId}`);
    const last = (await listRuns({ directory: join(folder, "runs") })).at(-1);
    await transcript.type(`diff --directory runs ${runId} ${last?.manifest.runId ?? ""}`);
    await transcript.type("gc runs --keep-last 1");
    await transcript.type("completion fish", { head: 3 });
    return masked(transcript.text(), { runId, copyId });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The command that led to the most events. */
async function busiestCommand(directory: string, runId: string): Promise<number> {
  const events = new Map<string, number>();
  await using reader = await readRun({ directory, runId });
  for await (const { headers } of reader.entries({ topics: ["exec.event"] })) {
    const { causationId = "" } = headers;
    events.set(causationId, (events.get(causationId) ?? 0) + 1);
  }
  const [[id] = [""]] = [...events].toSorted(([, a], [, b]) => b - a);
  return (await reader.lookup("messageId", id)) ?? 1;
}

function masked(text: string, { runId, copyId }: Record<"runId" | "copyId", string>): string {
  return text
    .replaceAll(copyId, "COPY")
    .replaceAll(runId, `${runId.slice(0, runId.indexOf("-"))}-xxxxxxxx`)
    .replaceAll(/\b(\d{19})-[0-9a-f]{8}\b/g, "$1-xxxxxxxx")
    .replaceAll(/^default .*$/gm, (row) =>
      row.replace(/[\d.]+ (?:B|KiB|MiB)/, (size) => "SIZE".padStart(size.length)),
    );
}
