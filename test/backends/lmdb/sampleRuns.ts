import path from "node:path";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";

/** A run with two entries that nobody has sealed, and nobody writes any more. */
export async function crashedRun(directory: string, startTsInit = 1n): Promise<string> {
  const lease = await lmdbCatalog({ directory }).acquire("desk-1");
  const manifest = manifestOf(startTsInit);
  const backend = await lease.create(manifest);
  await backend.append([frameOf(1, 2)]);
  await backend.close();
  await lease.release();
  return path.join(directory, "desk-1", manifest.runId);
}

/** The same, sealed by its next opening. */
export async function sealedRun(directory: string, startTsInit: bigint): Promise<void> {
  await crashedRun(directory, startTsInit);
  const lease = await lmdbCatalog({ directory }).acquire("desk-1");
  const backend = await lease.recover(manifestOf(startTsInit).runId);
  await backend.seal("ended");
  await backend.close();
  await lease.release();
}
