import { fileURLToPath } from "node:url";
import { runProgram } from "./runProgram.ts";

/**
 * Runs a program of ours in a process of its own and gives the JSON that it prints: what ran before
 * would have taught the compiler other shapes.
 */
export async function runApart(
  program: string,
  options: readonly string[],
  limitMs: number,
): Promise<unknown> {
  const command = [process.execPath, ...process.execArgv, fileURLToPath(program), ...options];
  return JSON.parse(await runProgram(command, { limitMs, stderr: "inherit" })) as unknown;
}
