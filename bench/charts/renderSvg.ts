import { installDependencies } from "../installDependencies.ts";
import { CONFIG, withDarkColours } from "./theme.ts";

/** A chart in the words of Vega-Lite. */
export type Specification = Readonly<Record<string, unknown>>;

/** As much of the libraries as is used here: their types are not installed where ours are checked. */
interface VegaLite {
  compile(specification: Specification, options: { readonly config: object }): { spec: object };
}
interface Vega {
  parse(specification: object): object;
  View: new (
    runtime: object,
    options: { readonly renderer: "none" },
  ) => {
    toSVG(): Promise<string>;
    finalize(): void;
  };
}

/** Draws a chart, with libraries that are installed on first use. */
export async function renderSvg(specification: Specification): Promise<string> {
  installDependencies(new URL(".", import.meta.url));
  const vegaLite = await imported<VegaLite>("vega-lite");
  const vega = await imported<Vega>("vega");
  const { spec } = vegaLite.compile(specification, { config: CONFIG });
  const view = new vega.View(vega.parse(spec), { renderer: "none" });
  try {
    return `${withDarkColours(await view.toSVG())}\n`;
  } finally {
    view.finalize();
  }
}

/** The name is no literal, so that nobody looks for it before it is installed. */
async function imported<Module>(name: string): Promise<Module> {
  return (await import(name)) as Module;
}
