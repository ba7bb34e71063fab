import { cpSync, mkdirSync, rmSync } from "node:fs";
import { basename } from "node:path";
import type { Template } from "./template.ts";

/** What a run needs only to go on: 4 MiB that no case has to copy. */
const LEFT_OUT = "reserve";

/** A copy of a template that a case can damage. */
export function copyTemplate({ directory }: Template, to: string): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  cpSync(directory, to, { recursive: true, filter: (path) => basename(path) !== LEFT_OUT });
  return to;
}
