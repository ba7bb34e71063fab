import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_TIME_BUCKETS, TimeBuckets } from "../../../src/cli/stat/TimeBuckets.ts";

const test = suite("TimeBuckets");
const MS = 1_000_000n;

test("counts entries by the millisecond while there is room", () => {
  const buckets = new TimeBuckets();
  for (const ms of [0n, 0n, 2n, 5n]) buckets.add(7n + ms * MS);
  assert.equal(buckets.counts(), { startNs: 7n, bucketMs: 1, entries: [2, 0, 1, 0, 0, 1] });
});

test("covers twice the time for each bucket as often as it must, and loses no entry", () => {
  const buckets = new TimeBuckets();
  const count = 10_000;
  for (let n = 0; n < count; n += 1) buckets.add(BigInt(n) * MS);
  const { bucketMs, entries } = buckets.counts();
  assert.is(bucketMs, 64);
  assert.ok(entries.length <= MAX_TIME_BUCKETS);
  assert.equal(entries, [...Array.from({ length: 156 }, () => 64), 16]);
  buckets.add(2n ** 64n - 1n);
  const far = buckets.counts();
  assert.ok(far.entries.length <= MAX_TIME_BUCKETS);
  assert.is(far.entries[0], count);
  assert.is(far.entries.at(-1), 1);
});

test("counts what lies before the first entry with it", () => {
  const buckets = new TimeBuckets();
  buckets.add(10n * MS);
  buckets.add(0n);
  assert.equal(buckets.counts().entries, [2]);
  assert.equal(new TimeBuckets().counts(), { startNs: 0n, bucketMs: 1, entries: [] });
});

test.run();
