import type { Seq } from "../model/entry.ts";
import type { RunManifest } from "../model/manifest.ts";
import type { Finding } from "./Finding.ts";

/** What a sealed run's manifest says that its entries do not bear out. */
export function manifestFindings(
  manifest: RunManifest,
  watermark: Seq,
  maxTsInit: bigint | undefined,
): readonly Finding[] {
  if (manifest.status === "running") return [];
  const findings: Finding[] = [];
  const mismatch = (reason: string): void => {
    findings.push({ kind: "manifest-mismatch", reason });
  };
  if (manifest.highWatermark !== watermark) {
    mismatch(`highWatermark is ${manifest.highWatermark}, the log ends at ${watermark}`);
  }
  if (manifest.endTsInit !== maxTsInit) {
    mismatch(
      `endTsInit is ${manifest.endTsInit ?? "absent"}, the largest is ${maxTsInit ?? "none"}`,
    );
  }
  return findings;
}
