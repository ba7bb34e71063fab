import type { CommandContext } from "./CommandContext.ts";
import { visible, visibleBlock } from "./visibleText.ts";

/** Tells on standard error what went wrong: one line with the code, the stack only when asked for. */
export function tellFailure(error: unknown, { stderr, env }: CommandContext): void {
  stderr.write(`tidemark: ${visible(described(error))}\n`);
  if (env["TIDEMARK_DEBUG"] && error instanceof Error) {
    // It repeats the message, and that may repeat what was recorded.
    stderr.write(`${visibleBlock(String(error.stack))}\n`);
  }
  stderr.flush();
}

/** Tells why standard output could not be written, where that is so and nobody has told it before. */
export function tellOutputFailure(context: CommandContext): void {
  const { stdout } = context;
  if (stdout.failure !== undefined && !stdout.isFailureTold) tellFailure(stdout.failure, context);
  stdout.isFailureTold = true;
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? `${error.message} (${code})` : error.message;
}
