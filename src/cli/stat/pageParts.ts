/** How the page looks: in the light and in the dark, on a desk and on a phone. */
export const PAGE_STYLE = `
:root { --ground: #fff; --ink: #1c2430; --quiet: #667085; --line: #e4e7ec; --bar: #2f6fde; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #11151c; --ink: #e6eaf0; --quiet: #95a1b2; --line: #2a323e; --bar: #6aa2ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 1.4rem; margin: 0 0 16px; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 36px 0 8px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.chart { width: 100%; min-height: 240px; }
.bars { list-style: none; margin: 0; padding: 0; }
.bars li { display: grid; grid-template-columns: 1fr max-content; gap: 0 16px; padding: 6px 0; }
.bars span { overflow-wrap: anywhere; }
.bars span + span { color: var(--quiet); font-variant-numeric: tabular-nums; }
.bars i { grid-column: 1 / -1; height: 8px; min-width: 2px; border-radius: 4px; background: var(--bar); }
.wide { overflow-x: auto; }
table.facts { border-collapse: collapse; width: 100%; }
.facts th, .facts td { text-align: left; padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
.facts th { color: var(--quiet); font-weight: 500; }
.facts td:first-child, .facts td:nth-child(2) { max-width: 360px; overflow: hidden; text-overflow: ellipsis; }
.facts .number { text-align: right; padding-right: 0; padding-left: 16px; font-variant-numeric: tabular-nums; }
.u-legend { font-size: 0.85rem; color: var(--quiet); text-align: left; }
`;

/** Draws the charts, and draws them anew where the window or its colours change. */
export const PAGE_SCRIPT = `
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const short = (value) =>
  value >= 1e6 ? +(value / 1e6).toFixed(1) + "M" : value >= 1e3 ? +(value / 1e3).toFixed(1) + "k" : +value.toFixed(1) + "";
const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");
const iso = (seconds) => new Date(seconds * 1000).toISOString();
const clock = (seconds, step) =>
  step >= 86400 ? iso(seconds).slice(0, 10) : iso(seconds).slice(11, step >= 60 ? 16 : step >= 1 ? 19 : 23);
let charts = [];
function chart(id, config) {
  const holder = document.getElementById(id);
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
  const options = {
    width: holder.clientWidth,
    height: 240,
    padding: [16, 44, 0, 0],
    cursor: { drag: { x: config.zooms, y: false } },
    scales: config.scales,
    tzDate: utc,
    axes: [{ ...axis, ...config.axis }, { ...axis, size: 56, values: (_, ticks) => ticks.map(short) }],
    series: [config.x, { label: config.label, stroke: colour("--bar"), fill: colour("--bar") + "44", width: 1.5, points: { show: false }, paths: config.paths, value: (_, value) => value == null ? "-" : short(value) }],
  };
  charts.push(new uPlot(options, config.data, holder));
}
function draw() {
  for (const one of charts) one.destroy();
  charts = [];
  const { times, perSecond, sizes, batches } = data;
  chart("rate", {
    label: "entries/s",
    zooms: true,
    x: { label: "UTC", value: (_, at) => (at == null ? "-" : iso(at)) },
    axis: { space: 90, values: (_, ticks, __, ___, step) => ticks.map((at) => clock(at, step)) },
    scales: { y: { range: (_, low, high) => [0, Math.max(1, high * 1.1)] } },
    paths: uPlot.paths.stepped({ align: 1 }),
    data: [times, perSecond],
  });
  chart("sizes", {
    label: "batches",
    zooms: false,
    x: { label: "entries in a batch", value: (_, at) => sizes[at] ?? "-" },
    scales: {
      x: { time: false, range: [-0.6, sizes.length - 0.4] },
      y: { range: (_, low, high) => [0, Math.max(1, high * 1.1)] },
    },
    axis: { splits: sizes.map((_, at) => at), values: (_, ticks) => ticks.map((at) => sizes[at]), grid: { show: false } },
    paths: uPlot.paths.bars({ size: [0.7, 80] }),
    data: [sizes.map((_, at) => at), batches],
  });
}
let width = 0;
new ResizeObserver(() => {
  if (document.body.clientWidth === width) return;
  width = document.body.clientWidth;
  draw();
}).observe(document.body);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
`;
