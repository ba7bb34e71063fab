import type { AddVerb } from "./AddVerb.ts";
import { overRun } from "./overRun.ts";
import { withExample } from "./withExample.ts";

/** `inspect`. */
export const addInspect: AddVerb = (program, context, ended) => {
  const verb = overRun(program.command("inspect"), "[run] [seq]")
    .description("print an entry whole, or all that carry a key or a correlation id")
    .option("--key <kind=key>", "the entries that carry this key; KIND ends at the first =")
    .option("--correlation <id>", "the entries of this correlation id")
    .option("--json", "print NDJSON")
    .action(async (operands: string[], options: object) => {
      const { inspect } = await import("../inspect.ts");
      ended(await inspect(operands, options, context));
    });
  verb.addHelpText(
    "after",
    "\nAn entry whose hash does not hold is not printed: it ends the verb with 1.",
  );
  withExample(
    verb,
    "tidemark inspect --directory runs 42",
    "tidemark inspect --directory runs --key clientOrderId=O-19",
  );
};
