import type { Command } from "commander";

/** A verb over one run: its operands come as one list, since the first may be left out. */
export function overRun(verb: Command, usage: string): Command {
  return verb
    .argument("[operands...]")
    .usage(`[options] ${usage}`)
    .option("--directory <path>", "where the runs are")
    .option("--instance <id>", "whose run (default: default)")
    .option("--run <id>", "which run (default: the newest)");
}
