/** A colour on a light background and on a dark one. */
interface Colour {
  readonly light: string;
  readonly dark: string;
}

/** What something is drawn with on a light background. */
interface Colours {
  readonly background: string;
  readonly text: string;
  readonly ours: string;
  /** A plain file: what no store can be faster than. */
  readonly floor: string;
  readonly others: string;
  readonly lines: readonly string[];
}

const TEXT: Colour = { light: "#1f2328", dark: "#e6edf3" };
const FAINT_TEXT: Colour = { light: "#59636e", dark: "#9198a1" };
const LINE: Colour = { light: "#d8dee4", dark: "#30363d" };
const BACKGROUND: Colour = { light: "#ffffff", dark: "#0d1117" };
const OURS: Colour = { light: "#0969da", dark: "#4493f8" };
const FLOOR: Colour = { light: "#afb8c1", dark: "#656c76" };
const OTHERS: Colour = { light: "#bc6c25", dark: "#d99a5b" };
/** For lines, of which each needs a colour of its own; told apart by the colour-blind, too. */
const LINES: readonly Colour[] = [
  { light: "#bc6c25", dark: "#d99a5b" },
  { light: "#1a7f64", dark: "#3fb68f" },
  { light: "#a8327a", dark: "#e074b5" },
  { light: "#8a6d00", dark: "#d4b106" },
  { light: "#cf222e", dark: "#ff7b72" },
  { light: "#6639ba", dark: "#a98df0" },
  { light: "#0b7a91", dark: "#49bfd6" },
  { light: "#4d5b00", dark: "#a3b800" },
];

/** The colours that a chart is drawn with; {@link withDarkColours} knows what they become. */
export const COLOURS: Colours = {
  background: BACKGROUND.light,
  text: TEXT.light,
  ours: OURS.light,
  floor: FLOOR.light,
  others: OTHERS.light,
  lines: LINES.map(({ light }) => light),
};

/** What all charts look like. */
export const CONFIG: object = {
  background: BACKGROUND.light,
  font: "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
  padding: 16,
  view: { stroke: null },
  title: {
    anchor: "start",
    color: TEXT.light,
    fontSize: 16,
    fontWeight: 600,
    subtitleColor: FAINT_TEXT.light,
    subtitleFontSize: 11.5,
    subtitlePadding: 6,
    offset: 14,
  },
  axis: {
    labelColor: FAINT_TEXT.light,
    titleColor: FAINT_TEXT.light,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    gridColor: LINE.light,
    domainColor: FAINT_TEXT.light,
    tickColor: LINE.light,
  },
  header: { labelColor: TEXT.light, labelFontSize: 13, labelFontWeight: 600, labelAnchor: "start" },
  legend: { labelColor: TEXT.light, labelFontSize: 11.5, labelLimit: 320, title: null },
};

/**
 * Lets a drawing follow the reader's preference for dark pages. It has a background of its own in
 * either case: where a page is dark and the preference is not, it is still readable.
 */
export function withDarkColours(svg: string): string {
  const rules = [TEXT, FAINT_TEXT, LINE, BACKGROUND, OURS, FLOOR, OTHERS, ...LINES].map(
    ({ light, dark }) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  );
  const style = `<style>@media (prefers-color-scheme:dark){${rules.join("")}}</style>`;
  return svg.replace(/^<svg[^>]*>/, (start) => start + style);
}
