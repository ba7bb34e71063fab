import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Installs what a folder's own package.json and lock file name, unless that was done before. What
 * only benchmarks need is no part of the installation that every contributor waits for.
 */
export function installDependencies(folder: URL): void {
  if (existsSync(new URL("node_modules/.package-lock.json", folder))) return;
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: fileURLToPath(folder),
    stdio: ["ignore", process.stderr, "inherit"],
  });
}
