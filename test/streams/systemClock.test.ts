import { asyncScheduler } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { schedulerClock, systemClock } from "../../src/streams/systemClock.ts";
import { marbles } from "../../src/testing/marbles.ts";

const test = suite("systemClock");
const NS_PER_MS = 1_000_000n;

test("tells the time of the wall clock", () => {
  const toleratedNs = 1_000n * NS_PER_MS;
  const differenceNs = systemClock.now() - BigInt(Date.now()) * NS_PER_MS;
  assert.ok(differenceNs > -toleratedNs && differenceNs < toleratedNs, `${differenceNs} ns`);
});

test("never runs backwards, and resolves a microsecond or better", () => {
  const steps: bigint[] = [];
  let previous = systemClock.now();
  for (let reading = 0; reading < 10_000; reading += 1) {
    const now = systemClock.now();
    if (now !== previous) steps.push(now - previous);
    previous = now;
  }
  assert.ok(steps.length > 0, "time passes");
  assert.ok(steps.every((step) => step > 0n));
  assert.ok(steps.some((step) => step <= 1_000n));
});

test("of a scheduler: is its time in nanoseconds", () => {
  marbles(({ scheduler }) => {
    const clock = schedulerClock(scheduler);
    assert.is(clock.now(), 0n);
    scheduler.schedule(() => assert.is(clock.now(), 7n * NS_PER_MS), 7);
    scheduler.schedule(() => assert.is(clock.now(), 8_500_001n), 8.500001);
  });
});

test("of a scheduler: is exact for the milliseconds since 1970", () => {
  const clock = schedulerClock(
    Object.create(asyncScheduler, { now: { value: () => 1_790_000_000_123 } }),
  );
  assert.is(clock.now(), 1_790_000_000_123_000_000n);
});

test.run();
