import { createRequire } from "node:module";
import { installDependencies } from "../installDependencies.ts";
import { installedVersion } from "../installedVersion.ts";

const folder = new URL("./", import.meta.url);
const require = createRequire(new URL("package.json", folder));

/**
 * A package of the benchmarks' own. It is not there where types are checked: whoever loads one says
 * what is used of it.
 */
export function installedPackage(name: string): unknown {
  return require(name);
}

let whyNot: { readonly answer: string | undefined } | undefined;

/** Installs them unless they are there; tried once. @returns why they cannot be had. */
export function install(): string | undefined {
  whyNot ??= { answer: tryToInstall() };
  return whyNot.answer;
}

function tryToInstall(): string | undefined {
  try {
    installDependencies(folder);
    return undefined;
  } catch (error) {
    return `npm ci in bench/peers has failed: ${(error as Error).message.split("\n")[0]}`;
  }
}

/** The version of one of them, once they are there. */
export function versionOf(name: string): string {
  return installedVersion(name, folder);
}
