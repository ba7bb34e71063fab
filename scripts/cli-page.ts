// The parts of docs/cli.md that are made by the command itself.
import { run } from "../test/cli/support/testContext.ts";
import { cliTranscript } from "./cli-transcript.ts";

/** Everything between the two marks of a part is made; the rest of the page is written by hand. */
const PART = /(<!-- made: (\w+)(?: (\w+))? -->\n)[\s\S]*?(<!-- end -->)/g;

/** The page with every part made anew: the help of each verb, and the transcript. */
export async function madePage(page: string): Promise<string> {
  const made = new Map<string, string>();
  for (const [, , kind = "", verb = ""] of page.matchAll(PART)) {
    made.set(`${kind} ${verb}`, await partOf(kind, verb));
  }
  return page.replaceAll(PART, (...[, start, kind, verb = "", end]: string[]) => {
    const text = made.get(`${kind} ${verb}`) ?? "";
    return `${start}\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n\n${end}`;
  });
}

/** The verbs that a page has the help of. */
export function verbsIn(page: string): readonly string[] {
  return [...page.matchAll(PART)].flatMap(([, , kind, verb]) =>
    kind === "help" && verb !== undefined ? [verb] : [],
  );
}

async function partOf(kind: string, verb: string): Promise<string> {
  if (kind === "transcript") return cliTranscript();
  if (kind !== "help") throw new Error(`Expected \`help\` or \`transcript\`, got \`${kind}\``);
  const { exitCode, stdout } = await run([...(verb === "" ? [] : [verb]), "--help"]);
  if (exitCode !== 0) throw new Error(`No help of \`${verb}\``);
  return stdout;
}
