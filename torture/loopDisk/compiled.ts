import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Compiles one of the C files beside this one into a folder and gives the path of the result. */
export function compiled(source: string, folder: string, options: readonly string[] = []): string {
  const path = fileURLToPath(new URL(source, import.meta.url));
  const result = join(folder, source.replace(/\.c$/, ""));
  execFileSync("gcc", ["-O2", ...options, path, "-o", result, "-ldl"], { stdio: "pipe" });
  return result;
}
