import { fileURLToPath } from "node:url";
import { install, versionOf } from "./installed.ts";
import type { Peer } from "./Peer.ts";
import { postgresPrograms } from "./PostgresCluster.ts";

const PROGRAM = fileURLToPath(new URL("./program.ts", import.meta.url));

/** Ours, through the whole public pipeline. */
export const tidemarkPeer: Peer = nodePeer({
  name: "tidemark",
  adapter: "tidemark",
  does: "A run with its defaults (batches of up to 1,000 where 1,000 are handed in at once): checks, capture, batches, entry hashes, chain, LMDB in a process of its own; acknowledged after the syncs",
});

/** What of ours stands where a raw file does. */
export const tidemarkWriterPeer: Peer = nodePeer({
  name: "tidemark's writer",
  adapter: "tidemarkWriter",
  does: "What the writer process does, in the process that asks: frames that were encoded before, entry hashes, chain, the transaction",
});

/** What Node's users would pick instead, and the limits. */
export const nodePeers: readonly Peer[] = [
  nodePeer({
    name: "raw, growing",
    adapter: "rawGrowing",
    does: "Frames that were encoded before, hashed and chained as ours, appended to a plain file that grows; write, fdatasync, no reading",
  }),
  nodePeer({
    name: "raw, zeroed",
    adapter: "rawZeroed",
    does: "The same over zeros that were written before: the limit of the disk",
  }),
  nodePeer({
    name: "literal pipeline",
    adapter: "literalPipeline",
    does: "Subject, a buffer of 5 ms or 100, one awaited put of lmdb-js per batch; frames with our hashes and chain; synced before the put resolves",
  }),
  nodePeer({
    name: "lmdb-js",
    adapter: "lmdbRecords",
    does: "One MessagePack record per entry, one awaited transaction per batch, its defaults; no hash; synced before the transaction resolves",
  }),
  nodePeer({
    name: "better-sqlite3, rows",
    adapter: "sqliteRows",
    from: "better-sqlite3",
    does: "WAL, synchronous = FULL, one row of six columns per entry, one transaction per batch; no hash; the write-ahead log is synced at commit",
  }),
  nodePeer({
    name: "better-sqlite3, blob",
    adapter: "sqliteBlob",
    from: "better-sqlite3",
    does: "WAL, synchronous = FULL, one blob per batch, encoded as our frames; no hash; the write-ahead log is synced at commit",
  }),
  nodePeer({
    name: "classic-level",
    adapter: "classicLevel",
    from: "classic-level",
    does: "LevelDB, one record per entry, one batch per batch with sync: true; no hash; its log is synced at commit",
  }),
  nodePeer({
    name: "event-storage",
    adapter: "eventStorage",
    from: "event-storage",
    does: "One commit to one stream per batch, JSON with the payload in base64, syncOnFlush, a write buffer of 8 MiB; no hash; its documents are synced at commit, its indexes later",
  }),
  nodePeer({
    name: "PostgreSQL",
    adapter: "postgres",
    from: "pg",
    does: "One prepared insert of six columns through unnest per batch over a Unix socket, fsync and synchronous_commit on; no hash; its write-ahead log is synced at commit",
    whyNot: () =>
      postgresPrograms() === undefined ? "There is no /usr/lib/postgresql/*/bin here" : undefined,
  }),
];

interface NodePeer extends Pick<Peer, "name" | "does"> {
  readonly adapter: string;
  /** The package it comes from, where that is not one of ours. */
  readonly from?: string;
  readonly whyNot?: () => string | undefined;
}

function nodePeer({ name, does, adapter, from, whyNot }: NodePeer): Peer {
  return {
    name,
    does: from === undefined ? does : `${from} ${versionOf(from)}: ${does}`,
    async prepare() {
      const why = whyNot?.() ?? (from === undefined ? undefined : install());
      if (why !== undefined) return { why };
      return { command: [process.execPath, ...process.execArgv, PROGRAM, adapter] };
    },
  };
}
