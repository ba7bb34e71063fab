import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PROGRAMS = fileURLToPath(new URL("../programs", import.meta.url));
const COMPILED = fileURLToPath(new URL("../dist", import.meta.url));

/** The package and the programs that use it, compiled: the children run what users run. */
export async function buildWhereStale(): Promise<void> {
  const built = existsSync("dist/index.js") ? statSync("dist/index.js").mtimeMs : 0;
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" });
  const isStale = sources.some((name) => statSync(join("src", name)).mtimeMs > built);
  if (isStale) execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  await buildPrograms();
}

/** The compiled form of one of torture/programs: it starts in a third of the time. */
export function compiledProgram(name: string): string {
  return join(COMPILED, `${name}.js`);
}

async function buildPrograms(): Promise<void> {
  const names = readdirSync(PROGRAMS);
  const { outputFiles } = await build({
    entryPoints: names.map((name) => join(PROGRAMS, name)),
    outdir: COMPILED,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20.19",
    write: false,
    logLevel: "warning",
  });
  for (const { path, contents } of outputFiles) replaceWhereOther(path, contents);
}

/** Another attack may be starting its programs from there right now. */
function replaceWhereOther(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}
