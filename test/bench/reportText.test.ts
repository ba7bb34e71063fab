import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Benchmark } from "../../bench/Benchmark.ts";
import { figure } from "../../bench/harness.ts";
import { reportText } from "../../bench/reportText.ts";

const test = suite("bench/reportText");

const BENCHMARK = { name: "one", question: "How fast?" } as Benchmark;

test("says that there is none where a value is not a number, or came back from JSON as null", () => {
  const broken = figure("broken", "us", [Number.NaN]);
  const passedOn = JSON.parse(JSON.stringify(broken)) as typeof broken;
  for (const { what, unit, median, min, max } of [broken, passedOn]) {
    const report = { ratios: [], figures: [{ what, unit, median, min, max }] };
    assert.match(reportText(BENCHMARK, report), /\n {2}broken +none us/);
  }
});

test.run();
