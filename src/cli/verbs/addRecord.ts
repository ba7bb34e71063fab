import type { AddVerb } from "./AddVerb.ts";
import { withExample } from "./withExample.ts";

/** `record`. */
export const addRecord: AddVerb = (program, context, ended) => {
  const verb = program
    .command("record <directory>")
    .description("record NDJSON from standard input in a new run")
    .option("--instance <id>", "whose run it is (default: default)")
    .option("--topic <topic>", "with --type: each line is itself a payload, of this topic")
    .option("--type <type>", "with --topic: the payload type of each line")
    .option("--ack", 'print {"line","seq"} for each line once it is durable')
    .option("--skip-bad", "exit with 0 although lines were bad")
    .action(async (directory: string, options: object) => {
      const { record } = await import("../record.ts");
      ended(await record(directory, options, context));
    });
  withExample(verb, "tidemark record runs --topic md.raw --type mcm < market.ndjson");
};
