import type { OptionGrammar, VerbGrammar } from "./grammarOf.ts";

/** The completion for fish. */
export function fishScript(verbs: readonly VerbGrammar[]): string {
  return `# fish completion for tidemark; to load it: tidemark completion fish | source
complete -c tidemark -n __fish_use_subcommand -f
${verbs.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ name, description, options, operands }: VerbGrammar): string[] {
  const verb = `complete -c tidemark -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`;
  const within = `complete -c tidemark -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  const choices = operands.length === 0 ? [] : [`${within} -f -a ${quoted(operands.join(" "))}`];
  return [verb, ...choices, ...options.map((option) => `${within} ${optionOf(option)}`)];
}

function optionOf({ flag, description, value }: OptionGrammar): string {
  const name = flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
  return `${name} -d ${quoted(description)}${valueOf(value)}`;
}

function valueOf(value: OptionGrammar["value"]): string {
  if (value === "none") return "";
  if (value === "any") return " -x";
  return value === "path" ? " -r -F" : ` -x -a ${quoted(value.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
