import type { Result } from "../recordedResults.ts";
import { type Point, pointsOf } from "./points.ts";
import type { Specification } from "./renderSvg.ts";
import { isFloor, OURS } from "./subjects.ts";
import { COLOURS } from "./theme.ts";

const SHARES = ["median", "p99"] as const;
const MILLISECONDS = [-1, 0, 1, 2, 3].flatMap((digits) => [1, 2, 5].map((n) => n * 10 ** digits));

const LEGEND = { orient: "bottom", columns: 3, symbolType: "stroke", symbolStrokeWidth: 3 };
const SOLID = [1, 0];
const DASHED = [4, 3];

/** How a subject is told from the others. */
interface Line {
  readonly colour: string;
  readonly dash: readonly number[];
}

/** From the moment at which an entry was due until it is durable, over the rate they come at. */
export function latencyChart(results: readonly Result[]): Specification | undefined {
  const { points, origin } = pointsOf(results, "latency");
  if (points.length === 0) return undefined;
  const others = [...new Set(points.map(({ subject }) => subject))].filter((name) => name !== OURS);
  const rates = [...new Set(points.map(({ perSecond }) => perSecond))];
  return {
    title: {
      text: "Latency at a fixed rate: from the moment an entry was due until it is durable",
      subtitle: [...origin, "256 B payloads; both axes logarithmic; lower is better"],
    },
    hconcat: SHARES.map((share) => ({
      title: { text: share, fontSize: 13, offset: 4 },
      width: 320,
      height: 320,
      data: { values: points.filter((point) => point.share === share).map(inMs) },
      encoding: encodingOf(others, rates),
      layer: [
        { mark: { type: "line", strokeWidth: 2 }, encoding: { size: widthOf() } },
        { mark: { type: "point", filled: true, size: 44, opacity: 1 } },
      ],
    })),
    resolve: { scale: { y: "shared", color: "shared" } },
  };
}

function inMs({ subject, perSecond, unit, median }: Point<"latency">): object {
  return { subject, perSecond, ms: unit === "us" ? median / 1000 : median };
}

function encodingOf(others: readonly string[], rates: readonly number[]): Specification {
  const lines = linesOf(others);
  return {
    x: {
      field: "perSecond",
      type: "quantitative",
      title: "entries per second",
      scale: { type: "log", nice: false, padding: 12 },
      axis: { values: rates, format: "~s", grid: false },
    },
    y: {
      field: "ms",
      type: "quantitative",
      title: "milliseconds",
      scale: { type: "log" },
      axis: { format: "~g", values: MILLISECONDS },
    },
    color: {
      field: "subject",
      type: "nominal",
      scale: {
        domain: [OURS, ...others],
        range: [COLOURS.ours, ...lines.map(({ colour }) => colour)],
      },
      legend: LEGEND,
    },
    strokeDash: {
      field: "subject",
      type: "nominal",
      scale: { domain: [OURS, ...others], range: [SOLID, ...lines.map(({ dash }) => dash)] },
      legend: LEGEND,
    },
  };
}

/** A line of its own for each: where the colours come round again, it is dashed. */
function linesOf(subjects: readonly string[]): readonly Line[] {
  const groups = {
    floor: { colours: [COLOURS.floor], used: 0 },
    other: { colours: COLOURS.lines, used: 0 },
  };
  return subjects.map((subject) => {
    const group = groups[isFloor(subject) ? "floor" : "other"];
    const { colours, used } = group;
    group.used += 1;
    const dash = used < colours.length ? SOLID : DASHED;
    return { colour: colours[used % colours.length] ?? COLOURS.others, dash };
  });
}

function widthOf(): Specification {
  return { condition: { test: `datum.subject === '${OURS}'`, value: 3.5 }, value: 1.6 };
}
