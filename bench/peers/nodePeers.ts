import { fileURLToPath } from "node:url";
import { install, versionOf } from "./installed.ts";
import type { NodePeerId, Peer } from "./Peer.ts";
import { postgresPrograms, postgresVersion } from "./PostgresCluster.ts";

const PROGRAM = fileURLToPath(new URL("./program.ts", import.meta.url));

/** Ours, through the whole public pipeline. */
export const tidemarkPeer: Peer = nodePeer({
  name: "tidemark",
  id: "tidemark",
  does: "A run with its defaults (batches of up to 1,000 where 1,000 are handed in at once): checks, capture, batches, entry hashes, chain, LMDB in a process of its own; acknowledged after the syncs",
});

/** What of ours stands where a raw file does. */
export const tidemarkWriterPeer: Peer = nodePeer({
  name: "tidemark's writer, encoded before",
  id: "tidemarkWriter",
  does: "What the writer process does, in the process that asks: frames that were encoded before, entry hashes, chain, the transaction, and what it gets ready for the next one",
});

/** What Node's users would pick instead, and the limits. */
export const nodePeers: readonly Peer[] = [
  nodePeer({
    name: "raw, growing",
    id: "rawGrowing",
    does: "Frames that were encoded before, hashed and chained as ours, appended to a plain file that grows; write, fdatasync, no reading",
  }),
  nodePeer({
    name: "raw, zeroed",
    id: "rawZeroed",
    does: "The same over zeros that were written before: the limit of the disk",
  }),
  nodePeer({
    name: "literal pipeline",
    id: "literalPipeline",
    does: "Subject, a buffer of 5 ms or 100 (or as many as are handed in at once), one awaited put of lmdb-js per batch; frames with our hashes and chain; `overlappingSync` is off, so that the put resolves after its sync",
  }),
  nodePeer({
    name: "lmdb-js",
    id: "lmdbRecords",
    does: "One MessagePack record per entry, one awaited transaction per batch, its defaults; no hash; the transaction resolves before its sync, so that its promise `flushed` is awaited after it",
  }),
  nodePeer({
    name: "better-sqlite3, rows",
    id: "sqliteRows",
    from: "better-sqlite3",
    does: "WAL, synchronous = FULL, one row of six columns per entry, one transaction per batch; no hash; the write-ahead log is synced at commit",
  }),
  nodePeer({
    name: "better-sqlite3, blob",
    id: "sqliteBlob",
    from: "better-sqlite3",
    does: "WAL, synchronous = FULL, one blob per batch, encoded as our frames; no hash; the write-ahead log is synced at commit",
  }),
  nodePeer({
    name: "classic-level",
    id: "classicLevel",
    from: "classic-level",
    does: "LevelDB, one record per entry, one batch per batch with sync: true; no hash; its log is synced at commit",
  }),
  nodePeer({
    name: "event-storage",
    id: "eventStorage",
    from: "event-storage",
    does: "One commit to one stream per batch, JSON with the payload in base64, syncOnFlush, a write buffer of 8 MiB; no hash; its documents are synced at commit, its indexes later",
  }),
  nodePeer({
    name: "PostgreSQL",
    id: "postgres",
    from: "pg",
    besides: postgresVersion,
    does: "One prepared insert of six columns through unnest per batch over a Unix socket, fsync and synchronous_commit on; no hash; its write-ahead log is synced at commit",
    whyNot: () =>
      postgresPrograms() === undefined ? "There is no /usr/lib/postgresql/*/bin here" : undefined,
  }),
];

interface NodePeer {
  readonly id: NodePeerId;
  readonly name: string;
  readonly does: string;
  /** The package it comes from, where that is not one of ours. */
  readonly from?: string;
  /** The version of what else there is. */
  readonly besides?: () => string;
  readonly whyNot?: () => string | undefined;
}

function nodePeer({ id, name, does, from, besides, whyNot }: NodePeer): Peer {
  return {
    id,
    name,
    async prepare() {
      const why = whyNot?.() ?? (from === undefined ? undefined : install());
      if (why !== undefined) return { why };
      const versions = [from === undefined ? [] : `${from} ${versionOf(from)}`, besides?.() ?? []];
      return {
        command: [process.execPath, ...process.execArgv, PROGRAM, id],
        does: [versions.flat().join(", "), does].filter((text) => text !== "").join(": "),
      };
    },
  };
}
