import { suite } from "uvu";
import * as assert from "uvu/assert";
import { headersOf } from "../../src/format/headersOf.ts";

const test = suite("headersOf");

test("has a field for each id that is there, and none for one that is not", () => {
  assert.equal(Object.entries(headersOf(undefined, undefined)), []);
  assert.equal(Object.entries(headersOf("a", undefined)), [["correlationId", "a"]]);
  assert.equal(Object.entries(headersOf(undefined, "b")), [["causationId", "b"]]);
  assert.equal(headersOf("a", "b"), { correlationId: "a", causationId: "b" });
});

test("gives all that have none the same, which nobody can change", () => {
  assert.is(headersOf(undefined, undefined), headersOf(undefined, undefined));
  assert.ok(Object.isFrozen(headersOf(undefined, undefined)));
});

test.run();
