import type { RunManifest } from "../../model/manifest.ts";
import { writeManifest } from "./manifestFile.ts";
import { giveBackReserve } from "./reserveFile.ts";

/** Writes the manifest of a run that has ended, for which room was kept. */
export async function endRun(folder: string, sealed: RunManifest): Promise<void> {
  await giveBackReserve(folder);
  await writeManifest(folder, sealed);
}
