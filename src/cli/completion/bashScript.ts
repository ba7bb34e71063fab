import type { VerbGrammar } from "./grammarOf.ts";

/** The completion for bash 3.2 and up. */
export function bashScript(verbs: readonly VerbGrammar[]): string {
  const names = verbs.map(({ name }) => name).join(" ");
  return `# bash completion for tidemark; to load it: source <(tidemark completion bash)
_tidemark_files() {
  local file
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$1")
}
_tidemark() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]} $before" in
${verbs.flatMap(valueCases).join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${verbs.map(verbCase).join("\n")}
  esac
}
complete -o filenames -F _tidemark tidemark
`;
}

/** What follows an option that takes a value. */
function valueCases({ name, options }: VerbGrammar): string[] {
  return options.flatMap(({ flag, value }) => {
    if (value === "none") return [];
    return [`    "${name} ${flag}") ${repliesOf(value)} return ;;`];
  });
}

function repliesOf(value: "any" | "path" | readonly string[]): string {
  if (value === "any") return "";
  return value === "path"
    ? '_tidemark_files "$word";'
    : `COMPREPLY=($(compgen -W "${value.join(" ")}" -- "$word"));`;
}

function verbCase({ name, options, operands }: VerbGrammar): string {
  const flags = options.map(({ flag }) => flag).join(" ");
  const otherwise = repliesOf(operands.length === 0 ? "path" : operands);
  return `    ${name})
      case "$word" in
        -*) COMPREPLY=($(compgen -W "${flags}" -- "$word")) ;;
        *) ${otherwise} ;;
      esac ;;`.replaceAll("; ;;", " ;;");
}
