import { Option } from "commander";
import { EXPORT_FORMATS } from "../export/exportFormats.ts";
import type { AddVerb } from "./AddVerb.ts";
import { overRun } from "./overRun.ts";
import { withExample } from "./withExample.ts";

/** `export`. */
export const addExport: AddVerb = (program, context, ended) => {
  const format = new Option("--format <form>", "in which form (default: ndjson)");
  const verb = overRun(program.command("export"), "[run]")
    .description("print every entry of the callers, in the form that record reads, or as CSV")
    .addOption(format.choices(EXPORT_FORMATS))
    .option("--lifecycle", "the entries of the run's own life, too")
    .action(async (operands: string[], options: object) => {
      const { exportRun } = await import("../export/exportRun.ts");
      ended(await exportRun(operands, options, context));
    });
  withExample(
    verb,
    "tidemark export --directory runs | tidemark record copies",
    "tidemark export --directory runs --format csv > run.csv",
  );
};
