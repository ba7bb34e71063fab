import type { CommandContext } from "./CommandContext.ts";
import { visible } from "./visibleText.ts";

/** Tells on standard error what went wrong: one line with the code, the stack only when asked for. */
export function tellFailure(error: unknown, { stderr, env }: CommandContext): void {
  stderr.write(`tidemark: ${visible(described(error))}\n`);
  if (env["TIDEMARK_DEBUG"] && error instanceof Error) stderr.write(`${error.stack}\n`);
  stderr.flush();
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? `${error.message} (${code})` : error.message;
}
