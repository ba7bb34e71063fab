import type { Specification } from "./renderSvg.ts";
import { isFloor, isOurs, OURS } from "./subjects.ts";
import { COLOURS } from "./theme.ts";

/** One bar: who, how many entries per second, from the slowest round to the fastest. */
export interface Bar {
  readonly subject: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const ROW_HEIGHT = 18;
const WIDTH = 460;

/**
 * Bars from zero, the fastest first: where we are not on top, that is what is seen. Each says its
 * rate and what part of ours that is.
 */
export function barPanel(bars: readonly Bar[], title?: string): Specification {
  const ours = bars.find(({ subject }) => subject === OURS)?.median ?? Number.NaN;
  const values = bars
    .toSorted((a, b) => b.median - a.median)
    .map((bar) => Object.assign({ side: sideOf(bar), label: labelOf(bar, ours) }, bar));
  const longest = Math.max(...bars.map(({ max }) => max));
  const y = {
    field: "subject",
    type: "nominal",
    sort: values.map(({ subject }) => subject),
    title: null,
    axis: { ticks: false, labelLimit: 0 },
  };
  const x = {
    field: "median",
    type: "quantitative",
    title: "durable entries per second",
    axis: {
      format: "~s",
      labelExpr: "datum.value === 0 ? '0' : datum.label",
      tickCount: 5,
      domain: false,
    },
    // Room for what is written behind the bars.
    scale: { domain: [0, longest * 1.3], nice: false },
  };
  return {
    ...(title === undefined ? {} : { title: { text: title, fontSize: 13, offset: 4 } }),
    width: WIDTH,
    height: ROW_HEIGHT * bars.length,
    data: { values },
    encoding: { y },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.62 } },
        encoding: {
          x,
          color: {
            field: "side",
            type: "nominal",
            scale: { domain: [OURS, "floor", "other"], range: COLOURS_OF_SIDES },
            legend: null,
          },
        },
      },
      {
        mark: { type: "rule", color: COLOURS.text, strokeWidth: 1 },
        encoding: { x: { ...x, field: "min" }, x2: { field: "max" } },
      },
      {
        mark: { type: "text", align: "left", dx: 6, fontSize: 11, color: COLOURS.text },
        encoding: { x: { ...x, field: "max" }, text: { field: "label" } },
      },
    ],
  };
}

const COLOURS_OF_SIDES = [COLOURS.ours, COLOURS.floor, COLOURS.others];

function sideOf({ subject }: Bar): string {
  if (isOurs(subject)) return OURS;
  return isFloor(subject) ? "floor" : "other";
}

function labelOf({ subject, median }: Bar, ours: number): string {
  const part = subject === OURS || Number.isNaN(ours) ? "" : ` · ${(median / ours).toFixed(2)}x`;
  return `${rateText(median)}${part}`;
}

function rateText(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M`;
  return perSecond >= 1e3 ? `${(perSecond / 1e3).toPrecision(3)} k` : perSecond.toFixed(0);
}
