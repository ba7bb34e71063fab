import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Pace } from "../../src/cli/Pace.ts";

const test = suite("Pace");

test("counts from where the work began", () => {
  const pace = new Pace(1_000_000, 1_002_000, 500);
  assert.is(pace.perSecond(1_000_000, 500), 0);
  assert.is(pace.perSecond(1_000_500, 1_500), 500);
});

test("knows another work by what is done or by its total", () => {
  const pace = new Pace(5, 100, 0);
  pace.perSecond(50, 1_000);
  assert.ok(pace.isOf(50, 100));
  assert.not.ok(pace.isOf(49, 100));
  assert.not.ok(pace.isOf(60, 101));
});

test.run();
