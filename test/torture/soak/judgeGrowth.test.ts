import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeGrowth } from "../../../torture/soak/judgeGrowth.ts";
import { Random } from "../../../torture/support/Random.ts";
import { Tally } from "../../../torture/support/Tally.ts";

const test = suite("judgeGrowth");

const SAMPLING = { sampleSeconds: 5, samplesPerBlock: 12 };
const LONG = { sampling: SAMPLING, mustShow: true };
const SHORT = { sampling: SAMPLING, mustShow: false };

/** Half an hour of what leaks so much an hour. */
function leaking(perHour: number): readonly number[] {
  return Array.from({ length: 360 }, (_, at) => 1e6 * (1 + (perHour * at) / 720));
}

/** Half an hour of what comes and goes by up to so much, a minute each. */
function scattered(share: number): readonly number[] {
  const dice = new Random(1);
  return Array.from({ length: 30 }, () => 1e6 * (1 + share * dice.next())).flatMap((value) =>
    Array.from({ length: 12 }, () => value),
  );
}

function judged(what: string, values: readonly number[], rules = LONG) {
  const tally = new Tally();
  judgeGrowth("load", new Map([[what, values]]), tally, rules);
  return tally.outcome;
}

test("counts what is flat, and finds what grows by 2 % an hour", () => {
  const flat = judged("readerSlots", leaking(0));
  assert.equal([flat.counts, flat.breaches], [{ "series that are flat": 1 }, []]);
  assert.is(judged("readerSlots", leaking(0.02)).breaches.length, 1);
});

test("leaves a heap what V8 compiles meanwhile, and finds one that grows by 12 % an hour", () => {
  assert.equal(judged("heapBytes", leaking(0.08)).breaches, []);
  assert.is(judged("heapBytes", leaking(0.12)).breaches.length, 1);
});

test("counts what is not shown apart, with what was shown", () => {
  const { counts, breaches } = judged("heapBytes", scattered(0.05));
  assert.equal(breaches, []);
  assert.is(counts["series not shown to be flat"], 1);
  const shown = counts["load: heapBytes grows in % an hour at most"] ?? Number.NaN;
  assert.ok(shown > 1 && shown < 25, `${shown}`);
});

test("objects in the long form to what shows nothing, and not in the short one", () => {
  assert.is(judged("heapBytes", scattered(1)).breaches.length, 1);
  assert.equal(judged("heapBytes", scattered(1), SHORT).breaches, []);
});

test("leaves the writer process more, for nobody collects its garbage, and still has a limit", () => {
  assert.equal(judged("writerMemoryKib", leaking(0.3)).breaches, []);
  assert.is(judged("writerMemoryKib", leaking(1)).breaches.length, 1);
});

test.run();
