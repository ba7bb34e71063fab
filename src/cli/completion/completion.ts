import type { Command } from "commander";
import type { CommandContext } from "../CommandContext.ts";
import type { ExitCode } from "../exitCodes.ts";
import { bashScript } from "./bashScript.ts";
import { fishScript } from "./fishScript.ts";
import { grammarOf, type VerbGrammar } from "./grammarOf.ts";
import { zshScript } from "./zshScript.ts";

/** The shells that there is a script for. */
export type Shell = "bash" | "zsh" | "fish";

const SCRIPTS: Readonly<Record<Shell, (verbs: readonly VerbGrammar[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints the script that makes a shell complete the command. */
export function completion(shell: Shell, program: Command, { stdout }: CommandContext): ExitCode {
  stdout.write(SCRIPTS[shell](grammarOf(program)));
  return 0;
}
