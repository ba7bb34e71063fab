import { suite } from "uvu";
import * as assert from "uvu/assert";
import { shortened, visible, visibleBlock, widthOf } from "../../src/cli/visibleText.ts";

const test = suite("visibleText");

test("writes everything that drives a terminal as an escape", () => {
  assert.is(visible("\u001B[2J\u0007\u009B31m"), "\\u{1b}[2J\\u{7}\\u{9b}31m");
  assert.is(visible("a\r\n\tb"), "a\\r\\n\\tb");
  assert.is(visible("\u202Eabc\u2028\uFEFF"), "\\u{202e}abc\\u{2028}\\u{feff}");
  assert.is(visible("\uD800x"), "\\u{d800}x");
  assert.is(visible("ä 注 🙂"), "ä 注 🙂");
});

test("leaves a block its lines and tabs, and nothing else", () => {
  assert.is(visibleBlock("a\n\tb\r\u001B\u2028"), "a\n\tb\\r\\u{1b}\\u{2028}");
});

test("shortens to the columns there are, wide characters counted twice", () => {
  assert.is(shortened("abcdef", 6), "abcdef");
  assert.is(shortened("abcdefg", 6), "abcde…");
  assert.is(shortened("注注注", 6), "注注注");
  assert.is(shortened("注注注", 5), "注注…");
  assert.is(shortened("注注注", 4), "注…");
  assert.is(shortened("🙂🙂", 3), "🙂…");
  assert.is(shortened("abc", 1), "…");
  assert.is(shortened("abc", 0), "");
  for (const columns of [0, 1, 2, 3, 7]) {
    const kept = shortened("a注🙂bcdefgh", columns);
    assert.ok(widthOf(kept.replace("…", ".")) <= columns);
  }
});

test.run();
