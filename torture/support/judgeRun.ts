import {
  readRun,
  TidemarkError,
  verifyRun,
  type Entry,
  type RunAddress,
  type RunStatus,
} from "../../src/index.ts";
import { endingFault } from "./endingFault.ts";
import { payloadOf } from "./payloads.ts";

/** A run, and what its writer was told of it. */
export interface Claim {
  readonly directory: string;
  readonly instanceId?: string;
  readonly runId: string;
  /** The last watermark that anybody heard of. */
  readonly acknowledged: number;
  /** Entries that were handed in together. */
  readonly group: number;
  /** What it may be by now; default: anything, as before somebody has recovered it. */
  readonly statuses?: readonly RunStatus[];
}

/** What is on disk, and what of it breaks a promise. */
export interface Judgement {
  readonly watermark: number;
  readonly breaches: readonly string[];
}

/**
 * Reads all of a run and compares it with what its writer (programs/writer.ts) claimed:
 * every acknowledged entry is there, each as it was written, none torn from its batch, and
 * verification finds nothing, and its status is one that it may have and that its last entry bears
 * out.
 */
export async function judgeRun(claim: Claim): Promise<Judgement> {
  const { directory, instanceId = "default", runId, statuses } = claim;
  const breaches: string[] = [];
  try {
    const address = { directory, instanceId, runId };
    const report = await verifyRun(address);
    for (const finding of report.findings) breaches.push(`finding ${JSON.stringify(finding)}`);
    if (statuses?.includes(report.status) === false) breaches.push(`it is ${report.status}`);
    return { watermark: await judgeEntries(claim, address, breaches), breaches };
  } catch (failure) {
    if (!(failure instanceof TidemarkError)) throw failure;
    breaches.push(`${failure.code}: ${failure.message}`);
    return { watermark: 0, breaches };
  }
}

async function judgeEntries(
  { runId, acknowledged, group }: Claim,
  address: RunAddress,
  breaches: string[],
): Promise<number> {
  await using reader = await readRun(address);
  let seq = 0;
  let written = 0;
  let last: Entry | undefined;
  for await (const entry of reader.entries()) {
    seq += 1;
    last = entry;
    if (entry.seq !== seq) breaches.push(`entry ${entry.seq} stands where ${seq} must`);
    if (entry.topic !== "torture.entry") continue;
    written += 1;
    const payload = Buffer.from(entry.payload).toString();
    if (payload !== payloadOf(runId, seq)) breaches.push(`entry ${seq} is not what was written`);
  }
  const fault = endingFault(reader.manifest.status, last);
  if (fault !== undefined) breaches.push(fault);
  if (seq < acknowledged) breaches.push(`lost: ${acknowledged} acknowledged, ${seq} found`);
  if (written % group !== 0) breaches.push(`torn: ${written} entries in batches of ${group}`);
  return seq;
}
