import type { Entry } from "../../index.ts";
import { colouringOf } from "../colours.ts";
import type { CommandContext } from "../CommandContext.ts";
import { shortened, visible } from "../visibleText.ts";
import type { Comparison, Difference } from "./firstDifference.ts";
import { payloadExcerpts } from "./payloadExcerpts.ts";

/** What the sign before each line of a payload takes. */
const SIGN_COLUMNS = 4;

/** Where two runs part, both sides to be read. */
export async function diffText(
  { same, difference }: Comparison,
  context: CommandContext,
): Promise<string> {
  const { columns } = context.stdout;
  if (difference === undefined) return `${shortened(`equal: ${same} entries`, columns)}\n`;
  const { bold, red, green } = await colouringOf(context);
  const { a, b } = difference;
  const [linesA, linesB] = payloadExcerpts(a?.payload, b?.payload, columns - SIGN_COLUMNS);
  const fitted = (line: string): string => shortened(line, columns);
  return [
    bold(fitted(headOf(difference))),
    ...sideOf("-", a, linesA).map((line) => red(fitted(line))),
    ...sideOf("+", b, linesB).map((line) => green(fitted(line))),
    "",
  ].join("\n");
}

function headOf({ position, a, b, parts }: Difference): string {
  if (a === undefined) return `the first run ends before entry ${position} of the callers`;
  if (b === undefined) return `the second run ends before entry ${position} of the callers`;
  return `entry ${position} of the callers differs in ${parts.join(", ")}`;
}

function sideOf(sign: string, entry: Entry | undefined, lines: readonly string[]): string[] {
  if (entry === undefined) return [`${sign} (no entry)`];
  const { seq, topic, payloadType } = entry;
  const head = `${sign} ${seq}  ${visible(topic)}  ${visible(payloadType)}`;
  return [head, ...lines.map((line) => `${sign}   ${line}`)];
}
