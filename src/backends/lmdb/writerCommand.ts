import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Our own tests and benchmarks run the source; whoever installed tidemark runs what it compiles to. */
const IS_SOURCE = import.meta.url.endsWith(".ts");

/**
 * What Node is started with for the writer process; found out once, since later on no file may be
 * there to be opened. No flags of our own: a debugger's port is taken,
 * and what is preloaded here is not meant for there.
 *
 * From source it is the compiled program all the same where that is up to date, since it starts in a
 * quarter of the time.
 */
export const WRITER_COMMAND: readonly string[] = commandOf();

function commandOf(): readonly string[] {
  if (!IS_SOURCE) return [pathOf("./writerProgram.js")];
  const compiled = pathOf("../../../dist/writerProgram.js");
  if (timeOf(compiled) > newestTimeIn(pathOf("../.."))) return [compiled];
  const loader = import.meta.resolve("tsx");
  return ["--conditions=tidemark-source", "--import", loader, pathOf("./writerProgram.ts")];
}

function newestTimeIn(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Math.max(...names.map((name) => timeOf(`${folder}/${name}`)));
}

/** When something was written last; minus infinity where it is not there. */
function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

function pathOf(url: string): string {
  return fileURLToPath(new URL(url, import.meta.url));
}
