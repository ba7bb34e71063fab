import { suite } from "uvu";
import * as assert from "uvu/assert";
import { growthOf, type Growth } from "../../../torture/soak/growthOf.ts";
import { Random } from "../../../torture/support/Random.ts";

const test = suite("growthOf");

/** As in half an hour: a value every five seconds, a block a minute. */
const SAMPLING = { sampleSeconds: 5, samplesPerBlock: 12 };
const HALF_AN_HOUR = 360;
const LIMITS = { perHour: 0.01, gross: 0.3 };
const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);

/** What is held: it leaks so much an hour, and garbage lies on top of it. */
interface Made {
  readonly leakPerHour?: number;
  /** Up to so much, anew in each sample. */
  readonly garbage?: number;
  /** Up to so much more or less, for a minute each. */
  readonly drift?: number;
  readonly samples?: number;
}

function verdictsOf(made: Made): ReadonlySet<Growth["verdict"]> {
  return new Set(SEEDS.map((seed) => growthOf(seriesOf(made, seed), SAMPLING, LIMITS).verdict));
}

function seriesOf(
  { leakPerHour = 0, garbage = 0, drift = 0, samples = HALF_AN_HOUR }: Made,
  seed: number,
): readonly number[] {
  const dice = new Random(seed);
  let drifted = 0;
  return Array.from({ length: samples }, (_, at) => {
    if (at % SAMPLING.samplesPerBlock === 0) drifted = drift * (2 * dice.next() - 1);
    const hours = (at * SAMPLING.sampleSeconds) / 3_600;
    return 12e6 * (1 + leakPerHour * hours + garbage * dice.next() + drifted);
  });
}

test("what keeps its level is flat, with a little garbage on top of it", () => {
  assert.equal([...verdictsOf({ garbage: 0.01 })], ["flat"]);
  assert.equal([...verdictsOf({ drift: 0.001 })], ["flat"]);
});

test("what keeps its level never grows, however much the values scatter", () => {
  for (const made of [{ garbage: 0.1 }, { garbage: 1 }, { drift: 0.02 }, { drift: 0.1 }]) {
    assert.not(verdictsOf(made).has("grows"), JSON.stringify(made));
  }
});

test("a leak of 5 % an hour grows, below a little garbage", () => {
  assert.equal([...verdictsOf({ leakPerHour: 0.05, garbage: 0.01 })], ["grows"]);
  assert.equal([...verdictsOf({ leakPerHour: 0.05, drift: 0.001 })], ["grows"]);
});

// Least squares over all samples see half of these.
test("leaks of 7, 16 and 33 % an hour grow, below as much garbage", () => {
  for (const leakPerHour of [0.07, 0.16, 0.33]) {
    const garbage = leakPerHour;
    assert.equal([...verdictsOf({ leakPerHour, garbage })], ["grows"], `${leakPerHour}`);
  }
});

test("a leak is never flat, however much the values scatter", () => {
  for (const drift of [0.005, 0.02, 0.1]) {
    assert.not(verdictsOf({ leakPerHour: 0.05, drift }).has("flat"), `${drift}`);
  }
});

test("what scatters too much to show its slope is open, and says what can be shown", () => {
  const { verdict, leastPerHour, mostPerHour } = growthOf(
    seriesOf({ drift: 0.02 }, 1),
    SAMPLING,
    LIMITS,
  );
  assert.is(verdict, "open");
  assert.ok(leastPerHour < 0 && mostPerHour > 0.01 && mostPerHour < 0.2, `${mostPerHour}`);
});

test("one more handle with each run of 45 s grows, one that comes and goes is flat", () => {
  const leak = Array.from({ length: HALF_AN_HOUR }, (_, at) => 25 + Math.floor(at / 9));
  const comesAndGoes = Array.from({ length: HALF_AN_HOUR }, (_, at) => 25 + (at % 9 === 4 ? 7 : 0));
  assert.is(growthOf(leak, SAMPLING, LIMITS).verdict, "grows");
  assert.is(growthOf(comesAndGoes, SAMPLING, LIMITS).verdict, "flat");
});

test("of some minutes only gross growth is told; the rest is open", () => {
  assert.equal([...verdictsOf({ leakPerHour: 1, samples: 60, garbage: 0.01 })], ["open"]);
  assert.equal([...verdictsOf({ leakPerHour: 10, samples: 60, garbage: 0.01 })], ["grows"]);
  assert.equal([...verdictsOf({ leakPerHour: 1, samples: 2 })], ["open"]);
});

test("nothing at all is flat", () => {
  const { verdict } = growthOf(
    Array.from({ length: HALF_AN_HOUR }, () => 0),
    SAMPLING,
    LIMITS,
  );
  assert.is(verdict, "flat");
});

test.run();
