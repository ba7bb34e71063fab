import type { AddVerb } from "./AddVerb.ts";
import { withExample } from "./withExample.ts";

/** `recover`. */
export const addRecover: AddVerb = (program, context, ended) => {
  const verb = program
    .command("recover <directory>")
    .description("seal the runs that crashed")
    .option("--instance <id>", "whose runs (default: all)")
    .option("--json", "print one array of manifests")
    .action(async (directory: string, options: object) => {
      const { recover } = await import("../recover.ts");
      ended(await recover(directory, options, context));
    });
  withExample(verb, "tidemark recover runs");
};
