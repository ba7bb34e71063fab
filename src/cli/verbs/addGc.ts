import type { AddVerb } from "./AddVerb.ts";
import { withExample } from "./withExample.ts";

/** `gc`. */
export const addGc: AddVerb = (program, context, ended) => {
  const verb = program
    .command("gc <directory>")
    .description("tell which runs can go and which stay, and why; with --apply, remove them")
    .option(
      "--keep-last <n>",
      "keep the newest n sealed runs, and the newest with a snapshot; all where none has one",
    )
    .option("--snapshot-anchored", "keep the newest run with a snapshot and what came after it")
    .option("--instance <id>", "whose runs (default: all)")
    .option("--apply", "remove them")
    .option("--json", "print one object")
    .action(async (directory: string, options: object) => {
      const { gc } = await import("../gc.ts");
      ended(await gc(directory, options, context));
    });
  withExample(verb, "tidemark gc runs --keep-last 30", "tidemark gc runs --keep-last 30 --apply");
};
