import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CorruptedError, type Finding, type VerifyReport } from "../index.ts";
import type { DirectoryAddress } from "./runAddress.ts";
import type { VerifyEnd, VerifyMessage, VerifyProgress } from "./verifyChild.ts";

/** What a process dies of that reads what no check has seen before. */
const OF_DAMAGE: ReadonlySet<unknown> = new Set([
  "SIGBUS",
  "SIGSEGV",
  "SIGABRT",
  "SIGILL",
  "SIGFPE",
  "SIGTRAP",
  "SIGSYS",
]);
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Who hears what is found while a verification goes on. */
export interface VerifyListener {
  /** As far as a report has room for them. */
  onFinding(finding: Finding): void;
  onProgress(progress: VerifyProgress): void;
}

/**
 * Verifies a run in a process of its own: nobody knows who has written the file, and whatever it does
 * to the one that reads it, this one tells. What was found before is told by then.
 *
 * @throws what kept the run from being verified, with its code; {@link CorruptedError} where the
 * process died as it does of damage.
 */
export async function verifyApart(
  address: DirectoryAddress,
  listener: VerifyListener,
): Promise<Omit<VerifyReport, "findings">> {
  const path = fileURLToPath(new URL(`./verifyChild.${EXTENSION}`, import.meta.url));
  const child = fork(path, { serialization: "advanced" });
  let end: VerifyEnd | undefined;
  child.on("message", (message: VerifyMessage) => {
    if (message.kind === "finding") listener.onFinding(message.finding);
    else if (message.kind === "progress") listener.onProgress(message);
    else end = message;
  });
  const death = await new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve(signal ?? `exit code ${exitCode}`));
    child.send(address);
  });
  if (end === undefined) throw deathOf(death);
  if (end.kind === "failed") {
    const { message, code, stack } = end;
    throw Object.assign(new Error(message), { code, stack });
  }
  return end.report;
}

/** How a verification ended whose process did not live to tell. */
function deathOf(death: string): Error {
  const message = `The process that read the log has died: ${death}`;
  return OF_DAMAGE.has(death) ? new CorruptedError(message) : new Error(message);
}
