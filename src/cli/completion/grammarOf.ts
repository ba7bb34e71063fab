import type { Command, Option } from "commander";

/** What can be typed after a verb. */
export interface VerbGrammar {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionGrammar[];
  /** The operands are one of these; empty where they are paths, or free. */
  readonly operands: readonly string[];
}

/** One option of a verb. */
export interface OptionGrammar {
  /** With its dashes. */
  readonly flag: string;
  readonly description: string;
  readonly value: "none" | "any" | "path" | readonly string[];
}

const PATH_OPTIONS: ReadonlySet<string> = new Set(["--directory", "--html"]);

/** What can be typed, by the definitions that the command itself parses with. */
export function grammarOf(program: Command): readonly VerbGrammar[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((verb) => ({
    name: verb.name(),
    description: verb.description(),
    options: help.visibleOptions(verb).flatMap(optionsOf),
    operands: verb.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  }));
}

function optionsOf(option: Option): OptionGrammar[] {
  const { description } = option;
  const value = valueOf(option);
  return [option.short, option.long]
    .filter((flag) => flag !== undefined && flag !== null)
    .map((flag) => ({ flag, description, value }));
}

function valueOf(option: Option): OptionGrammar["value"] {
  if (option.argChoices !== undefined) return option.argChoices;
  if (!option.required && !option.optional) return "none";
  return PATH_OPTIONS.has(option.long ?? "") ? "path" : "any";
}
