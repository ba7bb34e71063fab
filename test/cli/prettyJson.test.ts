import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isJson, prettyJson } from "../../src/cli/prettyJson.ts";

const test = suite("prettyJson");

function pretty(json: string): string {
  return [...prettyJson(json)].join("\n");
}

test("indents as JSON.stringify does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      assert.is(pretty(JSON.stringify(value)), JSON.stringify(value, null, 2));
      assert.is(pretty(JSON.stringify(value, null, 7)), JSON.stringify(value, null, 2));
    }),
  );
});

test("leaves numbers and keys as they were written", () => {
  assert.is(
    pretty('{"a":12345678901234567890,"a":1.50}'),
    '{\n  "a": 12345678901234567890,\n  "a": 1.50\n}',
  );
});

test("takes long strings and deep nesting", () => {
  const long = JSON.stringify('\\"'.repeat(500_000));
  assert.is(pretty(long), long);
  let longest = 0;
  for (const line of prettyJson("[".repeat(10_000) + "]".repeat(10_000))) {
    longest = Math.max(longest, line.length);
  }
  assert.is(longest, 2 * 32 + 2);
});

test("tells what is JSON", () => {
  assert.ok(isJson(" [1]"));
  assert.not.ok(isJson("{a:1}"));
});

test.run();
