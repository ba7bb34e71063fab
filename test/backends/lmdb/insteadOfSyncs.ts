import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Lets a step be taken in place of each fdatasync, which is told what would be done. */
export async function insteadOfSyncs(
  instead: (sync: () => void) => void,
  step: () => Promise<void>,
): Promise<void> {
  const { fdatasyncSync } = fs;
  fs.fdatasyncSync = (file) => instead(() => fdatasyncSync(file));
  syncBuiltinESMExports();
  try {
    await step();
  } finally {
    fs.fdatasyncSync = fdatasyncSync;
    syncBuiltinESMExports();
  }
}

export function failAtSync(): void {
  throw new Error("EIO");
}
