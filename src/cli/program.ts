import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import type { CommandContext } from "./CommandContext.ts";
import { exitCodeOf, type ExitCode } from "./exitCodes.ts";
import { tellFailure, tellOutputFailure } from "./failure.ts";
import type { Output } from "./Output.ts";
import { addVerbs } from "./verbs/addVerbs.ts";

/** How wide help is where there is no terminal. */
const HELP_COLUMNS = 80;
/** With less room beside the name of an option, its description is left for the terminal to break. */
const MIN_HELP_COLUMNS = 16;

const AFTER_HELP = `
A RUN is the path of a run's folder, <directory>/<instance>/<run>, or --directory with, if need be,
--instance (default: default) and --run (default: the newest).

Exit codes: 0 fine; 1 the log is damaged, the run halted, or diff found a difference; 2 could not
run.`;

/**
 * Runs the command that the arguments ask for, up to the last byte of its output. Never throws:
 * what goes wrong is told on standard error and by the exit code.
 */
export async function runCommand(
  args: readonly string[],
  context: CommandContext,
): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const exitCode = await parsed(args, context);
  // Whoever reads standard output may take as long as they like: what went wrong does not wait for them.
  stderr.flush();
  await stdout.settled();
  tellOutputFailure(context);
  await stderr.settled();
  return stdout.failure !== undefined && exitCode === 0 ? 2 : exitCode;
}

async function parsed(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = programOf(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has told what it has to tell: help and version are fine, the rest is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    tellFailure(error, context);
    return exitCodeOf(error);
  }
}

function programOf(context: CommandContext, ended: (exitCode: ExitCode) => void): Command {
  const program = new Command("tidemark")
    .description("Records what a trading system does, and shows and checks what was recorded.")
    .version(versionOf())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "tidemark: ")),
      getOutHelpWidth: () => helpWidthOf(context.stdout),
      getErrHelpWidth: () => helpWidthOf(context.stderr),
    })
    .configureHelp({
      subcommandTerm: (verb) => `${verb.name()} ${verb.usage()}`,
      minWidthToWrap: MIN_HELP_COLUMNS,
    })
    .addHelpText("after", AFTER_HELP);
  addVerbs(program, context, ended);
  return program;
}

function helpWidthOf({ columns }: Output): number {
  return Number.isFinite(columns) ? columns : HELP_COLUMNS;
}

function versionOf(): string {
  const isSource = import.meta.url.endsWith(".ts");
  const url = new URL(isSource ? "../../package.json" : "../package.json", import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { version: string }).version;
}
