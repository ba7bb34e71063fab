import type { Command } from "commander";
import type { CommandContext } from "../CommandContext.ts";
import type { ExitCode } from "../exitCodes.ts";

/** Told how a verb ended. */
type Ended = (exitCode: ExitCode) => void;

/**
 * Adds one verb to the command: its arguments, options and example, and what it does. The module
 * that does it, and with it the store, is loaded when the verb is asked for and not before.
 */
export type AddVerb = (program: Command, context: CommandContext, ended: Ended) => void;
