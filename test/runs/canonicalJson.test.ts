import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalJson } from "../../src/runs/canonicalJson.ts";

const test = suite("canonicalJson");

test("sorts keys at every depth by their UTF-16 units, numbers too", () => {
  const value = { b: 1, a: { "10": 1, "9": 2, Z: 3, é: 4, "": 5 }, B: [] };
  assert.is(canonicalJson(value), `{"B":[],"a":{"":5,"10":1,"9":2,"Z":3,"é":4},"b":1}`);
});

test("keeps the order of arrays, and leaves out what has no value", () => {
  assert.is(canonicalJson({ list: [2, undefined, 1], none: undefined }), `{"list":[2,null,1]}`);
});

test("writes bigints as decimal strings, whatever their size", () => {
  assert.is(canonicalJson({ seed: 2n ** 64n - 1n }), `{"seed":"18446744073709551615"}`);
});

test("is JSON that reads back as the value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      assert.is(JSON.stringify(JSON.parse(text)).length, text.length);
      assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("is the same for the same fields in any order", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      assert.is(canonicalJson(turned), canonicalJson(value));
    }),
  );
});

test.run();
