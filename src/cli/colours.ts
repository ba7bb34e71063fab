import type { CommandContext } from "./CommandContext.ts";

type Colour = (text: string) => string;

/** The few colours that the verbs use; each gives its text back as it is where there are none. */
export interface Colouring {
  readonly bold: Colour;
  readonly cyan: Colour;
  readonly dim: Colour;
  readonly green: Colour;
  readonly red: Colour;
}

/** Colours for standard output: on a terminal, unless somebody asked to go without. */
export async function colouringOf({ stdout, env }: CommandContext): Promise<Colouring> {
  const { default: picocolors } = await import("picocolors");
  return picocolors.createColors(stdout.isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb");
}
