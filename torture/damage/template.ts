import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { SubjectSettings } from "../programs/subject.ts";
import { ChildProgram } from "../support/ChildProgram.ts";
import { truthOf, type Truth } from "./Truth.ts";

/** An instance with two runs, to be copied and damaged. */
export interface Template {
  readonly directory: string;
  /** The older run, sealed and never damaged: it must stay as it is. */
  readonly bystander: Truth;
  /** The run under attack, a child of the older one. */
  readonly victim: Truth;
  readonly victimIsSealed: boolean;
  /** data.mdb of the victim as it was on the way, oldest first. */
  readonly olderFiles: readonly Buffer[];
}

const INSTANCE_ID = "default";
const TRANSACTIONS = 36;
/** The last of them is older than the last two transactions alone. */
const PAUSES = [5, 20, 34];
/** Checkpoints are at most 1 s behind. */
const CHECKPOINT_MS = 1_300;

/** The folder of a run in a directory. */
export function folderOf(directory: string, { runId }: Truth): string {
  return join(directory, INSTANCE_ID, runId);
}

/** Writes the two runs; the younger one is closed, or its process is killed. */
export async function makeTemplate(directory: string, isSealed: boolean): Promise<Template> {
  const older = await write({
    directory,
    startNs: "1700000000000000000",
    transactions: 4,
    maxEntries: 8,
    pauses: [],
    closes: true,
  });
  const younger = await write({
    directory,
    startNs: "1800000000000000000",
    parentRunId: older.runId,
    transactions: TRANSACTIONS,
    maxEntries: 17,
    pauses: PAUSES,
    closes: isSealed,
  });
  return {
    directory,
    bystander: await truthOf({ directory, runId: older.runId }),
    victim: await truthOf({ directory, runId: younger.runId }),
    victimIsSealed: isSealed,
    olderFiles: younger.olderFiles,
  };
}

async function write(
  settings: SubjectSettings,
): Promise<{ readonly runId: string; readonly olderFiles: readonly Buffer[] }> {
  const child = new ChildProgram("subject", [JSON.stringify(settings)]);
  const olderFiles: Buffer[] = [];
  let runId = "";
  for await (const line of child.lines) {
    const [word = "", json = ""] = line.split(/ (.*)/s);
    if (word === "open") ({ runId } = JSON.parse(json) as { runId: string });
    if (word === "paused") {
      olderFiles.push(readFileSync(join(settings.directory, INSTANCE_ID, runId, "data.mdb")));
      child.say("on");
    }
    if (word === "closed") child.say("on");
    if (word === "ready") {
      await wait(CHECKPOINT_MS);
      child.kill();
    }
  }
  const { exit, stderr } = await child.ended;
  if (exit !== (settings.closes ? 0 : "SIGKILL")) {
    throw new Error(`The run to be damaged was not written, ${exit}: ${stderr}`);
  }
  return { runId, olderFiles };
}
