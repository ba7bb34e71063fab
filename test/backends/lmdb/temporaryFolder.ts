import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs a step in a fresh folder, which is removed afterwards. */
export async function inTemporaryFolder(step: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-"));
  try {
    await step(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
