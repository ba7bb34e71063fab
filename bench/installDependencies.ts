import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Installs what a folder's own package.json and lock file name, unless that was done before for the
 * same lock file. What only benchmarks need is no part of the installation that every contributor
 * waits for.
 */
export function installDependencies(folder: URL): void {
  const wanted = new URL("package-lock.json", folder);
  // npm's own record of what it installed leaves some of it out.
  const installed = new URL("node_modules/.installed-lock.json", folder);
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(wanted))) return;
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: fileURLToPath(folder),
    stdio: ["ignore", process.stderr, "inherit"],
  });
  copyFileSync(wanted, installed);
}
