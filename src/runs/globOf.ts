/** What a topic is tested against. */
export interface Glob {
  test(text: string): boolean;
}

/**
 * A glob: `*` stands for any characters, dots included, `?` for one; anchored and case-sensitive.
 * Everything else stands for itself.
 *
 * Not by way of a regular expression, which takes minutes for a few stars with text between them:
 * here the work is bounded by the length of the glob times that of the text.
 */
export function globOf(glob: string): Glob {
  return { test: (text) => matches(glob, text) };
}

function matches(glob: string, text: string): boolean {
  let at = 0;
  // Where to try again when what follows the last star does not fit: only that star can give more.
  let afterStar = -1;
  let starEnd = 0;
  for (let index = 0; index < text.length;) {
    if (glob[at] === "*") {
      at += 1;
      if (at === glob.length) return true;
      afterStar = at;
      starEnd = index;
    } else if (glob[at] === "?" || glob[at] === text[index]) {
      index += glob[at] === "?" ? unitsAt(text, index) : 1;
      at += 1;
    } else if (afterStar >= 0) {
      at = afterStar;
      starEnd += 1;
      index = starEnd;
    } else return false;
  }
  while (glob[at] === "*") at += 1;
  return at === glob.length;
}

/** A character beyond U+FFFF takes two units. */
function unitsAt(text: string, index: number): number {
  return (text.codePointAt(index) as number) > 0xffff ? 2 : 1;
}
