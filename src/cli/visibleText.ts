/** What drives a terminal or hides on it: controls, formats, separators, and what is no character. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const INVISIBLE_IN_A_BLOCK = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/** From here on a character may take two columns. */
const FIRST_WIDE = 0x1100;

/** One line of text that can do nothing to a terminal: what is invisible is written as an escape. */
export function visible(text: string): string {
  return text.replaceAll(INVISIBLE, escapeOf);
}

/** The same for text that may have lines and tabs of its own. */
export function visibleBlock(text: string): string {
  return text.replaceAll(INVISIBLE_IN_A_BLOCK, escapeOf);
}

/** How many columns a visible text takes at most: characters that may take two count as two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/**
 * As much of a visible text as surely fits ({@link widthOf}), with … where something is left out. */
export function shortened(text: string, columns: number): string {
  // Most texts are short and narrow, and each character takes one column at least.
  if (text.length * 2 <= columns) return text;
  let used = 0;
  let end = 0;
  let endBeforeEllipsis = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) return columns < 1 ? "" : `${text.slice(0, endBeforeEllipsis)}…`;
    end += character.length;
    if (used < columns) endBeforeEllipsis = end;
  }
  return text;
}

/** All of a visible text in lines that surely fit: there has to be room for two columns. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const character of text) {
    if (widthOf(line) + columnsOf(character) > columns) {
      lines.push(line);
      line = "";
    }
    line += character;
  }
  return [...lines, line];
}

function columnsOf(character: string): number {
  return (character.codePointAt(0) ?? 0) < FIRST_WIDE ? 1 : 2;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return SHORT[character] ?? `\\u{${code.toString(16)}}`;
}
