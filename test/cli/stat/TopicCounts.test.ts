import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_PAIRS, TopicCounts } from "../../../src/cli/stat/TopicCounts.ts";

const test = suite("TopicCounts");

test("counts by topic and type, those with the most entries first", () => {
  const counts = new TopicCounts();
  counts.add("a", "x", 1);
  for (const type of ["x", "y", "y"]) counts.add("b", type, 10);
  assert.equal(counts.topics(), [
    { topic: "b", entries: 3, payloadBytes: 30 },
    { topic: "a", entries: 1, payloadBytes: 1 },
  ]);
  assert.equal(counts.pairs()[0], { topic: "b", payloadType: "y", entries: 2, payloadBytes: 20 });
  assert.equal(counts.others(), { entries: 0, payloadBytes: 0 });
});

test("tells no more than so many apart, and counts the others together", () => {
  const counts = new TopicCounts();
  for (let n = 0; n < MAX_PAIRS + 5; n += 1) counts.add(`t${n}`, "x", 2);
  counts.add("t0", "x", 2);
  assert.is(counts.pairs().length, MAX_PAIRS);
  assert.equal(counts.pairs()[0], { topic: "t0", payloadType: "x", entries: 2, payloadBytes: 4 });
  assert.equal(counts.others(), { entries: 5, payloadBytes: 10 });
});

test.run();
