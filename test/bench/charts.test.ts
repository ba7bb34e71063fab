import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commitsChart } from "../../bench/charts/commitsChart.ts";
import { latencyChart } from "../../bench/charts/latencyChart.ts";
import { pointsOf } from "../../bench/charts/points.ts";
import { sizeChart } from "../../bench/charts/sizeChart.ts";
import { withDarkColours } from "../../bench/charts/theme.ts";
import type { Labels } from "../../bench/Labels.ts";
import { type Result, withFresh } from "../../bench/recordedResults.ts";

const test = suite("charts of the benchmarks");

const MACHINE = {
  cpu: "Abacus",
  cores: 2,
  memoryGiB: 1,
  kernel: "Linux",
  filesystem: "ext4",
  node: "v20",
  rxjs: "7",
  lmdb: "3",
  revision: "abc",
  loadAverage: 0,
};

function resultOf(...points: readonly (readonly [number, Labels?])[]): Result {
  const figures = points.map(([median, labels]) =>
    Object.assign(
      { what: "something", unit: "entries/s", median, min: median / 2, max: median * 2 },
      labels === undefined ? {} : { labels },
    ),
  );
  return { name: "one", rounds: 5, machine: MACHINE, ratios: [], figures };
}

const COMMITS = resultOf(
  [50, { chart: "commits", subject: "slow", batch: 100 }],
  [100, { chart: "commits", subject: "tidemark", batch: 100 }],
  [200, { chart: "commits", subject: "raw, zeroed", batch: 100 }],
  [7, { chart: "commits", subject: "tidemark", batch: 1 }],
  [9, { chart: "saturated", subject: "tidemark" }],
  [3],
);

interface Panel {
  readonly data: { readonly values: readonly Record<string, unknown>[] };
  readonly layer: readonly { readonly encoding: { readonly x: { scale: { domain: number[] } } } }[];
}

test("takes the points of a chart from all benchmarks, and says what they were measured on", () => {
  const { points, origin } = pointsOf([COMMITS, resultOf([1]), COMMITS], "saturated");
  assert.equal(
    points.map(({ subject, median }) => [subject, median]),
    [
      ["tidemark", 9],
      ["tidemark", 9],
    ],
  );
  assert.equal(origin, [
    "Abacus, 2 cores, 1 GiB, Linux, ext4",
    "Node v20, rxjs 7, lmdb 3, revision abc; medians of 5 rounds",
  ]);
});

test("keeps what other benchmarks have found when one is recorded anew", () => {
  const [former, other, fresh] = [
    { ...resultOf([1]), name: "size" },
    { ...resultOf([2]), name: "peers" },
    { ...resultOf([3]), name: "size" },
  ];
  assert.equal(withFresh([former, other], [fresh]), [other, fresh]);
});

test("draws nothing where there are no points", () => {
  assert.is(commitsChart([resultOf([3])]), undefined);
  assert.is(latencyChart([COMMITS]), undefined);
  assert.is(sizeChart([]), undefined);
});

test("puts the fastest first, whoever it is, over a scale from zero", () => {
  const { concat } = commitsChart([COMMITS]) as unknown as { readonly concat: readonly Panel[] };
  assert.is(concat.length, 2);
  const [, hundred] = concat as [Panel, Panel];
  assert.equal(
    hundred.data.values.map(({ subject, side, label }) => [subject, side, label]),
    [
      ["raw, zeroed", "floor", "200 · 2.00x"],
      ["tidemark", "tidemark", "100"],
      ["slow", "other", "50 · 0.50x"],
    ],
  );
  assert.is(hundred.layer[0]?.encoding.x.scale.domain[0], 0);
});

test("gives a drawing other colours on a dark page", () => {
  const svg = withDarkColours('<svg width="1"><rect fill="#ffffff"/></svg>');
  assert.match(svg, /^<svg width="1"><style>@media \(prefers-color-scheme:dark\)\{/);
  assert.match(svg, /\[fill="#ffffff"\]\{fill:#0d1117\}/);
});

test.run();
