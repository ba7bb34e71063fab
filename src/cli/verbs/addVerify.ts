import type { AddVerb } from "./AddVerb.ts";
import { overRun } from "./overRun.ts";
import { withExample } from "./withExample.ts";

/** `verify`. */
export const addVerify: AddVerb = (program, context, ended) => {
  const verb = overRun(program.command("verify"), "[run]")
    .description("check all of a run")
    .option("--json", "print one report")
    .action(async (operands: string[], options: object) => {
      const { verify } = await import("../verify.ts");
      ended(await verify(operands, options, context));
    });
  withExample(verb, "tidemark verify --directory runs");
};
