import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CorruptedError, type Finding, type Seq, type VerifyReport } from "../index.ts";
import type { DirectoryAddress } from "./runAddress.ts";
import type { VerifyEnd, VerifyMessage } from "./verifyChild.ts";

/** What a process dies of that reads what no check has seen before. */
const OF_DAMAGE: ReadonlySet<unknown> = new Set(["SIGBUS", "SIGSEGV", "SIGABRT", "SIGILL"]);
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/**
 * Verifies a run in a process of its own: nobody knows who has written the file, and whatever it does
 * to the one that reads it, this one tells.
 *
 * @throws what kept the run from being verified, with its code; {@link CorruptedError} where the
 * process died as it does of damage.
 */
export async function verifyApart(
  address: DirectoryAddress,
  onProgress: (seq: Seq, highWatermark: Seq) => void,
): Promise<VerifyReport> {
  const path = fileURLToPath(new URL(`./verifyChild.${EXTENSION}`, import.meta.url));
  const child = fork(path, { serialization: "advanced" });
  const findings: Finding[] = [];
  let end: VerifyEnd | undefined;
  child.on("message", (message: VerifyMessage) => {
    if (message.kind === "finding") findings.push(message.finding);
    else if (message.kind === "progress") onProgress(message.seq, message.highWatermark);
    else end = message;
  });
  const death = await new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve(signal ?? `exit code ${exitCode}`));
    child.send(address);
  });
  if (end === undefined) throw deathOf(death);
  if (end.kind === "failed") throw Object.assign(new Error(end.message), { code: end.code });
  return { ...end.report, findings };
}

/** How a verification ended whose process did not live to tell. */
function deathOf(death: string): Error {
  const message = `The process that read the log has died: ${death}`;
  return OF_DAMAGE.has(death) ? new CorruptedError(message) : new Error(message);
}
