import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Lets a step be taken in place of each fdatasync, which is told what would be done. */
export function insteadOfSyncs(
  instead: (sync: () => void) => void,
  step: () => Promise<void>,
): Promise<void> {
  const { fdatasyncSync } = fs;
  return withReplaced("fdatasyncSync", (file) => instead(() => fdatasyncSync(file)), step);
}

export function failAtSync(): void {
  throw new Error("EIO");
}

/** What a sync on a thread of Node's calls when it is over. */
type SyncCallback = (error: Error | null) => void;

/** The same for each fdatasync on a thread of Node's. */
export function insteadOfSyncsAside(
  instead: (sync: () => void, callback: SyncCallback) => void,
  step: () => Promise<void>,
): Promise<void> {
  const { fdatasync } = fs;
  const replacement = (file: number, callback: SyncCallback): void =>
    instead(() => fdatasync(file, callback), callback);
  return withReplaced("fdatasync", replacement as typeof fdatasync, step);
}

/** Takes a step while a function of the file system is another one. */
async function withReplaced<Name extends "fdatasync" | "fdatasyncSync">(
  name: Name,
  replacement: (typeof fs)[Name],
  step: () => Promise<void>,
): Promise<void> {
  const { [name]: original } = fs;
  fs[name] = replacement;
  syncBuiltinESMExports();
  try {
    await step();
  } finally {
    fs[name] = original;
    syncBuiltinESMExports();
  }
}
