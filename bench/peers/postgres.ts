import type { CapturedDraft, Seq } from "../../src/model/entry.ts";
import type { Adapter } from "./Adapter.ts";
import { installedPackage } from "./installed.ts";
import { PostgresCluster } from "./PostgresCluster.ts";

const TABLE = `
  CREATE TABLE entries (
    seq bigint PRIMARY KEY,
    topic text NOT NULL,
    payload_type text NOT NULL,
    ts_init bigint NOT NULL,
    ts_publish bigint NOT NULL,
    payload bytea NOT NULL
  )`;
const INSERT = `
  INSERT INTO entries
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bytea[])`;

/** What is used of pg. */
interface Client {
  connect(): Promise<void>;
  query(query: string | { name: string; text: string; values: readonly unknown[] }): Promise<{
    readonly rows: readonly Readonly<Record<string, string>>[];
  }>;
  end(): Promise<void>;
}

interface Exports {
  readonly Client: new (config: object) => Client;
}

/** One prepared insert of many rows per batch, over a Unix socket, into a cluster of our own. */
export const postgres: Adapter = {
  async openStore({ directory }) {
    const { Client } = installedPackage("pg") as Exports;
    const cluster = await PostgresCluster.start(directory);
    const client = new Client({ host: cluster.socketFolder, user: "bench", database: "postgres" });
    await client.connect();
    await client.query(TABLE);
    return {
      prepare: (entries, fromSeq) => async () => {
        await client.query({ name: "append", text: INSERT, values: columnsOf(entries, fromSeq) });
      },
      async storedBytes() {
        const { rows } = await client.query("SELECT pg_total_relation_size('entries') AS bytes");
        return Number(rows[0]?.["bytes"]);
      },
      async close() {
        await client.end();
        await cluster.stop();
      },
    };
  },
};

function columnsOf(entries: readonly CapturedDraft[], fromSeq: Seq): readonly unknown[] {
  return [
    entries.map((_, index) => fromSeq + index),
    entries.map(({ topic }) => topic),
    entries.map(({ payloadType }) => payloadType),
    entries.map(({ tsInit }) => String(tsInit)),
    entries.map(({ tsPublish }) => String(tsPublish)),
    entries.map(({ payload }) => payload),
  ];
}
