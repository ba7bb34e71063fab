import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { promisify } from "node:util";
import type { Job, ResultOf, Unsupported } from "./jobs.ts";

const JOB_TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 2 ** 20;

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
  const [program = "", ...args] = command;
  try {
    const { stdout } = await promisify(execFile)(
      program,
      [...args, JSON.stringify({ ...task, ...where })],
      { timeout: JOB_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES },
    );
    return JSON.parse(stdout) as Answer<Kind>;
  } catch (error) {
    const { message, stderr } = error as Error & { readonly stderr?: string };
    const said = stderr?.split("\n").find((line) => /error/i.test(line));
    return { failed: said ?? message.split("\n")[0] ?? "no reason given" };
  } finally {
    rmSync(where.directory, { recursive: true, force: true });
  }
}
