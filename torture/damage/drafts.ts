import { createHash } from "node:crypto";
import type { EntryDraft, RunIdentity } from "tidemark";
import { payloadOf } from "../support/payloads.ts";

const TOPICS = ["exec.command", "exec.event", "risk.check", "md.quote", "ops.note"] as const;
const TYPES = ["SubmitOrder", "OrderFilled", "Note"] as const;
const FIRST_TS_INIT = 1_700_000_000_000_000_000n;

/** Every field that an identity can have. */
export const IDENTITY: RunIdentity = {
  binaryHash: "blake3:0011",
  configHash: "blake3:2233",
  schemaVersion: 7,
  seed: 18_446_744_073_709_551_615n,
  featureFlags: ["fast", "safe"],
  adapterVersions: { venue: "1.4.2" },
  components: { actors: { quoter: "aa" }, strategies: { mm: "bb" }, endpoints: ["fix", "ws"] },
};

/** The draft of an entry of a run under attack: from its run and seq alone, and of every kind. */
export function draftOf(runId: string, seq: number): EntryDraft {
  return {
    topic: TOPICS[seq % TOPICS.length] ?? "",
    payloadType: TYPES[seq % TYPES.length] ?? "",
    payload: payloadOf(runId, seq),
    tsInit: FIRST_TS_INIT + BigInt(seq) * 1_000n,
    ...(seq % 3 === 0 ? { headers: { correlationId: uuidOf(seq), causationId: uuidOf(1) } } : {}),
    indexKeys: [
      { kind: "clientOrderId", key: `O-${seq}` },
      // Far from each other, so that one can become another one and still be in its place.
      ...(seq % 2 === 0 ? [{ kind: "venueOrderId", key: hexOf(seq) }] : []),
      // Mentioned again and again: the first one counts.
      { kind: "strategy", key: `S-${seq % 7}` },
    ],
  };
}

function hexOf(seq: number): string {
  return createHash("sha256").update(String(seq)).digest("hex").slice(0, 24);
}

function uuidOf(seq: number): string {
  return `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`;
}
