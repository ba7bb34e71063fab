import type { AddVerb } from "./AddVerb.ts";
import { withExample } from "./withExample.ts";

/** `diff`. */
export const addDiff: AddVerb = (program, context, ended) => {
  const verb = program
    .command("diff")
    .description("tell the first entry at which two runs part in topic, type or payload")
    .argument("[runs...]")
    .usage("[options] <run> <run>")
    .option("--directory <path>", "where the runs are; then each of them is given by its id")
    .option("--instance <id>", "whose runs (default: default)")
    .option("--json", "print one object")
    .action(async (operands: string[], options: object) => {
      const { diff } = await import("../diff/diff.ts");
      ended(await diff(operands, options, context));
    });
  withExample(verb, "tidemark diff runs/default/RUN_A runs/default/RUN_B");
};
