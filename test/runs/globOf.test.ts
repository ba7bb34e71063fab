import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { globOf } from "../../src/runs/globOf.ts";

const test = suite("globOf");

const CASES: readonly (readonly [
  glob: string,
  hits: readonly string[],
  misses: readonly string[],
])[] = [
  ["exec.*", ["exec.", "exec.order", "exec.order.new"], ["exec", "md.exec.order", "Exec.order"]],
  ["*", ["", "a", "a.b.c", "line\nbreak"], []],
  ["*.new", [".new", "order.new", "a.b.new"], ["new", "order.new.x"]],
  ["a*b*c", ["abc", "aXbYc", "a.b.b.c"], ["ab", "abcd"]],
  ["a?c", ["abc", "a.c", "a\u{1F30A}c"], ["ac", "abbc"]],
  ["", [""], ["a"]],
  ["a.c", ["a.c"], ["abc"]],
  ["[ab]+(c)|{d}^$\\", ["[ab]+(c)|{d}^$\\"], ["a", "b", "c"]],
  ["a-b/c", ["a-b/c"], ["ab"]],
  ["**", ["", "a.b"], []],
  ["*ab", ["ab", "aab", "abab"], ["aba"]],
  ["a*?", ["ab", "a\u{1F30A}", "abc"], ["a"]],
  ["*??", ["ab", "a\u{1F30A}", "\u{1F30A}b"], ["\u{1F30A}", "a"]],
  ["*a*b*", ["ab", "xaxbx"], ["ba"]],
  ["a*", ["a", "a*"], ["ba"]],
];

for (const [glob, hits, misses] of CASES) {
  test(`${JSON.stringify(glob)} matches the whole, case and all`, () => {
    const pattern = globOf(glob);
    for (const hit of hits) assert.ok(pattern.test(hit), `${hit} is missed`);
    for (const miss of misses) assert.not(pattern.test(miss), `${miss} is hit`);
  });
}

test("stands for itself where it has neither star nor question mark", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const literal = text.replaceAll(/[*?]/g, "");
      assert.ok(globOf(literal).test(literal));
      assert.not(globOf(literal).test(`${literal}x`));
    }),
  );
});

test("takes no time for a glob made to take it", () => {
  const started = performance.now();
  assert.not(globOf(`${"*".repeat(60)}b`).test("a".repeat(512)));
  assert.ok(performance.now() - started < 1_000);
});

test("takes no time for a chain of stars with text between them", () => {
  const started = performance.now();
  assert.not(globOf(`${"*a".repeat(30)}b`).test("a".repeat(512)));
  assert.ok(performance.now() - started < 1_000);
});

test.run();
