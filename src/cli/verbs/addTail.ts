import { integerOf } from "../integerOf.ts";
import type { AddVerb } from "./AddVerb.ts";
import { collected } from "./collected.ts";
import { overRun } from "./overRun.ts";
import { withExample } from "./withExample.ts";

/** `tail`. */
export const addTail: AddVerb = (program, context, ended) => {
  const verb = overRun(program.command("tail"), "[run]")
    .description("print the entries of a run, oldest first")
    .option("--from <seq>", "begin with this entry", (text) => integerOf("--from", text, 1))
    .option("--last <n>", "begin with the last so many that are asked for", (text) =>
      integerOf("--last", text, 0),
    )
    .option("--topic <glob>", "only these topics; may be given again", collected)
    .option("--type <type>", "only these payload types; may be given again", collected)
    .option("--limit <n>", "end after so many", (text) => integerOf("--limit", text, 0))
    .option("-f, --follow", "go on with what is recorded from now on, until the run ends")
    .option("--follow-children", "follow, and go on into the run that continues it")
    .option("--json", "print NDJSON")
    .action(async (operands: string[], options: object) => {
      const { tail } = await import("../tail.ts");
      ended(await tail(operands, options, context));
    });
  withExample(
    verb,
    "tidemark tail --directory runs --topic 'exec.*'",
    "tidemark tail --directory runs --last 20 -f",
  );
};
