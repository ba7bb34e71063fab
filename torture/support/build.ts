import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Compiles the package where it is older than its source: the children run what users run. */
export function buildWhereStale(): void {
  const built = existsSync("dist/index.js") ? statSync("dist/index.js").mtimeMs : 0;
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" });
  const isStale = sources.some((name) => statSync(join("src", name)).mtimeMs > built);
  if (isStale) execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
}
