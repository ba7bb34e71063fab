import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LatencyHistogram } from "../../bench/LatencyHistogram.ts";
import { Schedule } from "../../bench/Schedule.ts";

const test = suite("bench/Schedule");

const START = 1_000;
const LOAD = { perSecond: 2_000, warmUpMs: 1, measureMs: 4 };

test("bursts are due at each millisecond from the start on, and no more than there are", () => {
  const schedule = new Schedule(LOAD, START, 0);
  const moments = [START - 1, START, START + 0.9, START + 1, START + 4, START + 99];
  assert.equal(
    moments.map((now) => schedule.dueBy(now)),
    [0, 2, 2, 4, 10, 10],
  );
});

test("entries of one late acknowledgement count from when each was due, but for the warm-up and what follows", () => {
  // Entry 2 is the first one here; it and 3 are the warm-up.
  const schedule = new Schedule(LOAD, START, 1);
  const histogram = schedule.histogramOf([
    { toSeq: 1, at: START - 5 },
    { toSeq: 11, at: START + 100 },
    { toSeq: 12, at: START + 500 },
  ]);
  assert.is(histogram.entries, 8);
  const { p50Us, maxUs } = histogram.percentiles();
  assert.is(Math.round(maxUs), 99_000);
  assert.is(Math.round(p50Us / 1_000), 97);
});

test("acknowledgements within a burst count once for every entry", () => {
  const schedule = new Schedule(LOAD, START, 0);
  const histogram = new LatencyHistogram();
  schedule.record(histogram, 0, { toSeq: 3, at: START + 2 });
  schedule.record(histogram, 3, { toSeq: 4, at: START + 3 });
  schedule.record(histogram, 4, { toSeq: 10, at: START + 5 });
  assert.is(histogram.entries, 8);
  assert.is(Math.round(histogram.percentiles().maxUs), 3_000);
});

test.run();
