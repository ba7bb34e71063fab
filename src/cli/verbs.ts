import type { Command } from "commander";
import type { CommandContext } from "./CommandContext.ts";
import type { ExitCode } from "./exitCodes.ts";
import { integerOf } from "./integerOf.ts";

/** Told how a verb ended. */
type Ended = (exitCode: ExitCode) => void;

/**
 * Adds the verbs to the command. The module of each, and with it the store, is loaded when it is
 * asked for and not before.
 */
export function addVerbs(program: Command, context: CommandContext, ended: Ended): void {
  addRecord(program, context, ended);
  addLs(program, context, ended);
  addTail(program, context, ended);
  addInspect(program, context, ended);
  addVerify(program, context, ended);
  addRecover(program, context, ended);
}

function addRecord(program: Command, context: CommandContext, ended: Ended): void {
  program
    .command("record <directory>")
    .description("record NDJSON from standard input in a new run")
    .option("--instance <id>", "whose run it is (default: default)")
    .option("--topic <topic>", "with --type: each line is itself a payload, of this topic")
    .option("--type <type>", "with --topic: the payload type of each line")
    .option("--ack", 'print {"line","seq"} for each line once it is durable')
    .option("--skip-bad", "exit with 0 although lines were bad")
    .action(async (directory: string, options: object) => {
      const { record } = await import("./record.ts");
      ended(await record(directory, options, context));
    });
}

function addLs(program: Command, context: CommandContext, ended: Ended): void {
  program
    .command("ls <directory>")
    .description("list the runs of a directory, oldest first")
    .option("--json", "print one array of runs")
    .action(async (directory: string, options: object) => {
      const { ls } = await import("./ls.ts");
      ended(await ls(directory, options, context));
    });
}

function addTail(program: Command, context: CommandContext, ended: Ended): void {
  overRun(program.command("tail"), "[run]")
    .description("print the entries of a run, oldest first")
    .option("--from <seq>", "begin with this entry", (text) => integerOf("--from", text, 1))
    .option("--topic <glob>", "only these topics; may be given again", collected)
    .option("--type <type>", "only these payload types; may be given again", collected)
    .option("--limit <n>", "end after so many", (text) => integerOf("--limit", text, 0))
    .option("--json", "print NDJSON")
    .action(async (operands: string[], options: object) => {
      const { tail } = await import("./tail.ts");
      ended(await tail(operands, options, context));
    });
}

function addInspect(program: Command, context: CommandContext, ended: Ended): void {
  overRun(program.command("inspect"), "[run] [seq]")
    .description("print an entry whole, or all that carry a key or a correlation id")
    .option("--key <kind=key>", "the entries that carry this key")
    .option("--correlation <id>", "the entries of this correlation id")
    .option("--json", "print NDJSON")
    .action(async (operands: string[], options: object) => {
      const { inspect } = await import("./inspect.ts");
      ended(await inspect(operands, options, context));
    });
}

function addVerify(program: Command, context: CommandContext, ended: Ended): void {
  overRun(program.command("verify"), "[run]")
    .description("check all of a run")
    .option("--json", "print one report")
    .action(async (operands: string[], options: object) => {
      const { verify } = await import("./verify.ts");
      ended(await verify(operands, options, context));
    });
}

function addRecover(program: Command, context: CommandContext, ended: Ended): void {
  program
    .command("recover <directory>")
    .description("seal the runs that crashed")
    .option("--instance <id>", "whose runs (default: all)")
    .option("--json", "print one array of manifests")
    .action(async (directory: string, options: object) => {
      const { recover } = await import("./recover.ts");
      ended(await recover(directory, options, context));
    });
}

/** A verb over one run: its operands come as one list, since the first may be left out. */
function overRun(verb: Command, usage: string): Command {
  return verb
    .argument("[operands...]")
    .usage(`[options] ${usage}`)
    .option("--directory <path>", "where the runs are")
    .option("--instance <id>", "whose run (default: default)")
    .option("--run <id>", "which run (default: the newest)");
}

function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
