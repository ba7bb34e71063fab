import type { AddVerb } from "./AddVerb.ts";
import { withExample } from "./withExample.ts";

/** `ls`. */
export const addLs: AddVerb = (program, context, ended) => {
  const verb = program
    .command("ls <directory>")
    .description("list the runs of a directory, oldest first")
    .option("--instance <id>", "whose runs (default: all)")
    .option("--json", "print one array of runs")
    .action(async (directory: string, options: object) => {
      const { ls } = await import("../ls.ts");
      ended(await ls(directory, options, context));
    });
  withExample(verb, "tidemark ls runs");
};
