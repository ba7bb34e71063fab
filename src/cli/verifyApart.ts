import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Finding } from "../index.ts";
import type { DirectoryAddress } from "./runAddress.ts";
import type { VerifyEnd, VerifyMessage } from "./verifyChild.ts";

/** What a process dies of when the pages it reads are not what they must be. */
const OF_DAMAGE: ReadonlySet<unknown> = new Set(["SIGBUS", "SIGSEGV", "SIGABRT", "SIGILL"]);
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** What was heard of a verification, however it ended. */
export interface Verified {
  readonly end: VerifyEnd;
  readonly findings: readonly Finding[];
  /** The last seq that was read. */
  readonly reached: number;
}

/**
 * Verifies a run in a process of its own: LMDB reads the file through a mapping, so that damage
 * which no check sees beforehand can end the process that reads.
 */
export async function verifyApart(
  address: DirectoryAddress,
  onProgress: (seq: number, highWatermark: number) => void,
): Promise<Verified> {
  const path = fileURLToPath(new URL(`./verifyChild.${EXTENSION}`, import.meta.url));
  const child = fork(path, { serialization: "advanced" });
  const findings: Finding[] = [];
  let reached = 0;
  let end: VerifyEnd | undefined;
  child.on("message", (message: VerifyMessage) => {
    if (message.kind === "finding") {
      findings.push(message.finding);
    } else if (message.kind === "progress") {
      reached = message.seq;
      onProgress(message.seq, message.highWatermark);
    } else {
      end = message;
    }
  });
  const death = await new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve(signal ?? `exit code ${exitCode}`));
    child.send(address);
  });
  return { end: end ?? endOf(death), findings, reached };
}

/** How a verification ended whose process did not live to tell. */
function endOf(death: string): VerifyEnd {
  const message = `The process that read the log has died: ${death}`;
  return { kind: "failed", message, isOfTheLog: OF_DAMAGE.has(death) };
}
