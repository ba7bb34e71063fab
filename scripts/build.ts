// Builds dist/ from nothing: what an earlier build left must not be packed.
import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { build, type BuildOptions } from "esbuild";

/*
 * A program of a hundred modules starts as fast as one of a few when they are put together. All files
 * lie in one folder, so that each finds the programs beside itself wherever its code has gone.
 */
const OPTIONS = {
  outdir: "dist",
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20.19",
  sourcemap: true,
  // src/ is part of the package.
  sourcesContent: false,
  logLevel: "warning",
} as const satisfies BuildOptions;

rmSync("dist", { recursive: true, force: true });
execFileSync("npx", ["--no-install", "tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
await build({
  ...OPTIONS,
  entryPoints: {
    index: "src/index.ts",
    operators: "src/operators/index.ts",
    testing: "src/testing/index.ts",
    cli: "src/cli/main.ts",
    verifyChild: "src/cli/verifyChild.ts",
  },
  // What several need is there once: an error is of the same class for all of them.
  splitting: true,
});
// Somebody waits for these to start; they share nothing with whoever starts them.
await build({
  ...OPTIONS,
  entryPoints: {
    proofProgram: "src/runs/proofProgram.ts",
    writerProgram: "src/backends/lmdb/writerProgram.ts",
  },
});
chmodSync("dist/cli.js", 0o755);
