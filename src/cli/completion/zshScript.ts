import type { OptionGrammar, VerbGrammar } from "./grammarOf.ts";

/** The completion for zsh. */
export function zshScript(verbs: readonly VerbGrammar[]): string {
  const described = verbs.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  return `#compdef tidemark
# zsh completion for tidemark; to load it: source <(tidemark completion zsh)
_tidemark() {
  local -a verbs
  verbs=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$verb" in
${verbs.map(verbCase).join("\n")}
  esac
}
# As a file of fpath this is itself the function, called for the first time.
if [[ "\${funcstack[1]}" == _tidemark ]]; then
  _tidemark "$@"
else
  compdef _tidemark tidemark
fi
`;
}

function verbCase({ name, options, operands }: VerbGrammar): string {
  const rest = operands.length === 0 ? "*:file:_files" : `*:name:(${operands.join(" ")})`;
  const specs = [...options.map(specOf), rest].map((spec) => `      ${quoted(spec)}`);
  return `    ${name}) _arguments \\\n${specs.join(" \\\n")} ;;`;
}

function specOf({ flag, description, value }: OptionGrammar): string {
  const text = description.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  return `${flag}[${text}]${valueSpecOf(value)}`;
}

function valueSpecOf(value: OptionGrammar["value"]): string {
  if (value === "none") return "";
  if (value === "any") return ":value:";
  return value === "path" ? ":path:_files" : `:value:(${value.join(" ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
