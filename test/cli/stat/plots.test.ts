import { suite } from "uvu";
import * as assert from "uvu/assert";
import { barLines } from "../../../src/cli/stat/barLines.ts";
import { perSecondOf } from "../../../src/cli/stat/perSecondOf.ts";
import { ratePlot } from "../../../src/cli/stat/ratePlot.ts";
import { hasControls } from "../support/runs.ts";

const test = suite("plots");

test("bars are as long as their share of the longest", () => {
  const bars = [
    { label: "a", value: 60 },
    { label: "bb", value: 30 },
    { label: "c", value: 0 },
    { label: "d", value: 1 },
  ];
  assert.equal(barLines(bars, 33), [
    `a   65.9 %  ${"█".repeat(21)}`,
    `bb  33.0 %  ${"█".repeat(10)}▌`,
    "c    0.0 %",
    "d    1.1 %  ▍",
  ]);
});

test("bars fit any terminal, and what they are called cannot drive it", () => {
  const bars = [{ label: "a\u001B[2J注文".repeat(20), value: 1e15 }];
  for (const columns of [1, 5, 20, 29, 30, 80]) {
    const [line = ""] = barLines(bars, columns);
    assert.ok(line.length <= columns, `${columns}: ${line}`);
    assert.not.ok(hasControls(line));
  }
});

test("a rate is drawn in stretches that there is room for", () => {
  const counts = { startNs: 0n, bucketMs: 500, entries: [1, 2, 3, 4, 5] };
  assert.equal(perSecondOf(counts, 10), { bucketMs: 500, perSecond: [2, 4, 6, 8, 10] });
  assert.equal(perSecondOf(counts, 2), { bucketMs: 1500, perSecond: [4, 9] });
});

test("the plot of a rate fits any terminal and shows a pause as one", async () => {
  const entries = Array.from({ length: 240 }, (_, n) => (n > 80 && n < 160 ? 0 : n + 1));
  for (const columns of [20, 80, 120]) {
    const lines = await ratePlot({ startNs: 0n, bucketMs: 64, entries }, columns);
    assert.ok(lines.length >= 8);
    for (const line of lines) assert.ok(line.length <= columns, `${columns}: ${line}`);
    assert.match(lines.at(-3) ?? "", /█ +█/);
  }
  assert.equal(await ratePlot({ startNs: 0n, bucketMs: 1, entries: [] }, 80), ["-"]);
  assert.equal(await ratePlot({ startNs: 0n, bucketMs: 1, entries: [1] }, 5), ["-"]);
  assert.match(
    (await ratePlot({ startNs: 0n, bucketMs: 1, entries: [1] }, 40)).join(""),
    /1\.0k.*█/,
  );
});

test.run();
