import type { Command } from "commander";

/** Ends the help of a verb with lines that can be typed as they are. */
export function withExample(verb: Command, ...lines: readonly string[]): Command {
  const shown = lines.map((line) => `\n  $ ${line}`).join("");
  return verb.addHelpText("after", `\nExample:${shown}`);
}
