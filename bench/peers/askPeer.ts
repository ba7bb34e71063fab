import { rmSync } from "node:fs";
import { ProgramFailure, runProgram } from "../runProgram.ts";
import type { Job, ResultOf, Unsupported } from "./jobs.ts";

const JOB_LIMIT_MS = 300_000;

/** A peer's failure: it ended with another code than 0, or took too long. */
interface Failed {
  readonly failed: string;
}

/** What a peer says to a job of a kind. */
export type Answer<Kind extends Job["kind"]> = ResultOf[Kind] | Unsupported | Failed;

/** A job before it is known where. */
export type Task<Kind extends Job["kind"] = Job["kind"]> = Kind extends Job["kind"]
  ? Omit<Extract<Job, { readonly kind: Kind }>, "directory" | "payloadBytes">
  : never;

/** Does a job in a process of its own, in a folder that is removed afterwards. */
export async function askPeer<Kind extends Job["kind"]>(
  command: readonly string[],
  task: Task<Kind>,
  where: { readonly directory: string; readonly payloadBytes: number },
): Promise<Answer<Kind>> {
  const asking = [...command, JSON.stringify({ ...task, ...where })];
  try {
    const printed = await runProgram(asking, { limitMs: JOB_LIMIT_MS, stderr: "pipe" });
    return JSON.parse(printed) as Answer<Kind>;
  } catch (error) {
    const said = error instanceof ProgramFailure ? error.stderr.split("\n") : [];
    return { failed: said.find((line) => /error/i.test(line)) ?? (error as Error).message };
  } finally {
    rmSync(where.directory, { recursive: true, force: true });
  }
}
