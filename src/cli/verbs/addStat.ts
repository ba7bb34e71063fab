import { integerOf } from "../integerOf.ts";
import type { AddVerb } from "./AddVerb.ts";
import { overRun } from "./overRun.ts";
import { withExample } from "./withExample.ts";

/** `stat`. */
export const addStat: AddVerb = (program, context, ended) => {
  const verb = overRun(program.command("stat"), "[run]")
    .description("tell what a run holds: topics, types, bytes, batches, times, index keys")
    .option("--top <n>", "how many topics and types by name (default: 20)", (text) =>
      integerOf("--top", text, 1),
    )
    .option("--plot", "draw rate, batch sizes and topics, too")
    .option("--html <file>", "write all of it as one page that needs no network")
    .option("--force", "with --html: replace the file")
    .option("--json", "print one object")
    .action(async (operands: string[], options: object) => {
      const { stat } = await import("../stat/stat.ts");
      ended(await stat(operands, options, context));
    });
  withExample(
    verb,
    "tidemark stat --directory runs --plot",
    "tidemark stat --directory runs --html run.html",
  );
};
