import type { Adapter } from "./Adapter.ts";

/** The peers that run in Node; each is loaded where it is asked for, and not beside the others. */
export const adapters: ReadonlyMap<string, () => Promise<Adapter>> = new Map([
  ["tidemark", async () => (await import("./tidemark.ts")).tidemark],
  ["tidemarkWriter", async () => (await import("./tidemarkWriter.ts")).tidemarkWriter],
  ["rawGrowing", async () => (await import("./rawFile.ts")).rawGrowing],
  ["rawZeroed", async () => (await import("./rawFile.ts")).rawZeroed],
  ["literalPipeline", async () => (await import("./literal.ts")).literal],
  ["lmdbRecords", async () => (await import("./lmdbRecords.ts")).lmdbRecords],
  ["sqliteRows", async () => (await import("./sqliteRows.ts")).sqliteRows],
  ["sqliteBlob", async () => (await import("./sqliteBlob.ts")).sqliteBlob],
  ["classicLevel", async () => (await import("./classicLevel.ts")).classicLevel],
  ["eventStorage", async () => (await import("./eventStorage.ts")).eventStorage],
  ["postgres", async () => (await import("./postgres.ts")).postgres],
]);
