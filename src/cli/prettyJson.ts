const QUOTE = '"';
const BACKSLASH = "\\";
const SIGNS: ReadonlySet<string> = new Set("[]{},:");
const WHITE_SPACE: ReadonlySet<string> = new Set(" \t\n\r");
const OPENING: ReadonlySet<string> = new Set(["[", "{"]);
const CLOSING: ReadonlySet<string> = new Set(["]", "}"]);
const INDENT = "  ";
/** Deeper than this nothing is indented further: what is nested without end would fill the memory. */
const MAX_INDENTS = 32;

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * JSON as indented lines. Every string and number stays as it was written: a parser would round the
 * large ones and drop keys that are there twice.
 */
export function* prettyJson(json: string): Generator<string> {
  let depth = 0;
  let line = "";
  let previous = "";
  for (const token of tokensOf(json)) {
    if (CLOSING.has(token)) depth -= 1;
    if (isBrokenBetween(previous, token)) {
      yield line;
      line = INDENT.repeat(Math.min(depth, MAX_INDENTS));
    }
    line += token === ":" ? ": " : token;
    if (OPENING.has(token)) depth += 1;
    previous = token;
  }
  yield line;
}

function isBrokenBetween(previous: string, token: string): boolean {
  if (OPENING.has(previous)) return !CLOSING.has(token);
  return previous === "," || CLOSING.has(token);
}

/** Strings, numbers, words and signs. By hand: an expression that matches a long string overflows. */
function* tokensOf(json: string): Generator<string> {
  let start = 0;
  while (start < json.length) {
    const end = endOfToken(json, start);
    if (!WHITE_SPACE.has(json.charAt(start))) yield json.slice(start, end);
    start = end;
  }
}

function endOfToken(json: string, start: number): number {
  const first = json.charAt(start);
  if (first === QUOTE) return endOfString(json, start);
  let end = start + 1;
  if (SIGNS.has(first) || WHITE_SPACE.has(first)) return end;
  while (end < json.length && !SIGNS.has(json.charAt(end)) && !WHITE_SPACE.has(json.charAt(end))) {
    end += 1;
  }
  return end;
}

function endOfString(json: string, start: number): number {
  let quote = json.indexOf(QUOTE, start + 1);
  while (quote !== -1 && isEscaped(json, quote)) quote = json.indexOf(QUOTE, quote + 1);
  return quote === -1 ? json.length : quote + 1;
}

function isEscaped(json: string, quote: number): boolean {
  let backslashes = 0;
  while (json.charAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
