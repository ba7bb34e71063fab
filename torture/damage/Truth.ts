import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { entryHashOf, readRun, type Entry, type RunAddress, type RunManifest } from "tidemark";
import { draftOf } from "./drafts.ts";

/** What an undamaged run answers. */
export interface Truth {
  readonly runId: string;
  readonly watermark: number;
  /** One digest per entry, the first of seq 1. */
  readonly entries: readonly string[];
  readonly keys: readonly { readonly kind: string; readonly key: string; readonly seq: number }[];
  readonly anchor: string;
  readonly manifest: string;
}

/**
 * Everything that can be asked of a run, as it answers before it is damaged; each entry is compared
 * with the draft that was handed in.
 */
export async function truthOf(address: RunAddress): Promise<Truth> {
  await using reader = await readRun(address);
  const { runId } = reader;
  const entries: string[] = [];
  const firsts = new Map<string, Truth["keys"][number]>();
  for await (const entry of reader.entries()) {
    if (!entry.topic.startsWith("run.lifecycle.")) checkWritten(runId, entry);
    entries.push(digestOf(entry));
    for (const { kind, key } of entry.indexKeys) {
      if (!firsts.has(`${kind}\0${key}`))
        firsts.set(`${kind}\0${key}`, { kind, key, seq: entry.seq });
    }
  }
  return {
    runId,
    watermark: entries.length,
    entries,
    keys: [...firsts.values()],
    anchor: textOf(await reader.latestSnapshotAnchor()),
    manifest: textOf(reader.manifest),
  };
}

function checkWritten(runId: string, entry: Entry): void {
  const draft = draftOf(runId, entry.seq);
  const found = {
    topic: entry.topic,
    payloadType: entry.payloadType,
    payload: Buffer.from(entry.payload).toString(),
    tsInit: entry.tsInit,
    ...(draft.headers === undefined ? {} : { headers: entry.headers }),
    indexKeys: entry.indexKeys,
  };
  if (isDeepStrictEqual(found, draft) && Buffer.compare(entryHashOf(entry), entry.hash) === 0)
    return;
  throw new Error(`The undamaged entry ${entry.seq} is not what was written`);
}

/** All of an entry in few bytes. */
export function digestOf(entry: Entry): string {
  const { payload, hash, ...rest } = entry;
  const digest = createHash("sha256").update(textOf(rest)).update(payload).update(hash);
  return digest.digest("base64url").slice(0, 22);
}

/** A value as text: equal texts are equal values. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, digitsOf) ?? "undefined";
}

function digitsOf(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

/** The manifest without what sealing changes. */
export function identityOf(manifest: RunManifest): string {
  const { status: _, highWatermark: _last, endTsInit: _end, ...identity } = manifest;
  return textOf(identity);
}
