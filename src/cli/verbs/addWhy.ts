import { integerOf } from "../integerOf.ts";
import { DEFAULT_DEPTH, DEFAULT_LIMIT, MAX_DEPTH, MAX_LIMIT } from "../why/whyLimits.ts";
import type { AddVerb } from "./AddVerb.ts";
import { overRun } from "./overRun.ts";
import { withExample } from "./withExample.ts";

/** `why`. */
export const addWhy: AddVerb = (program, context, ended) => {
  const verb = overRun(program.command("why"), "[run] <seq>")
    .description("show what led to an entry and what it led to, as a tree with the times between")
    .option("--id-kind <kind>", "the index keys that name an entry itself (default: messageId)")
    .option(
      "--depth <n>",
      `generations up and down (default: ${DEFAULT_DEPTH}, at most ${MAX_DEPTH})`,
      (text) => integerOf("--depth", text, 1),
    )
    .option(
      "--limit <n>",
      `consequences (default: ${DEFAULT_LIMIT}, at most ${MAX_LIMIT})`,
      (text) => integerOf("--limit", text, 1),
    )
    .option("--json", "print one object")
    .action(async (operands: string[], options: object) => {
      const { why } = await import("../why/why.ts");
      ended(await why(operands, options, context));
    });
  withExample(verb, "tidemark why --directory runs 42");
};
