import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as operators from "tidemark/operators";

const test = suite("tidemark/operators");

test("exports the operators by name", () => {
  assert.equal(Object.keys(operators).toSorted(), ["bufferTimeOrCount", "capture", "record"]);
});

test.run();
