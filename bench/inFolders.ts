import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Runs a step that is given fresh empty folders on a disk; they are removed when it is over. */
export async function inFolders<Result>(
  directory: string,
  step: (folder: () => string) => Promise<Result>,
): Promise<Result> {
  const root = mkdtempSync(join(directory, "tidemark-bench-"));
  // For a server that runs as another user.
  chmodSync(root, 0o755);
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  // An error that nobody catches skips every finally.
  process.once("exit", remove);
  let folders = 0;
  try {
    return await step(() => {
      folders += 1;
      const fresh = join(root, String(folders));
      mkdirSync(fresh);
      return fresh;
    });
  } finally {
    remove();
    process.off("exit", remove);
  }
}
