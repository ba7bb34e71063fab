import { readFileSync } from "node:fs";

const ROOT = new URL("../", import.meta.url);

/** The version of a package that is installed in a folder, by default for the whole repository. */
export function installedVersion(packageName: string, folder: URL = ROOT): string {
  // Not resolved as a module: few packages export their package.json.
  const path = new URL(`node_modules/${packageName}/package.json`, folder);
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}
