import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { RunLog } from "../../backends/Backend.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import { refuses, settle } from "./answers.ts";
import { append } from "./frames.ts";
import type { Laws } from "./Laws.ts";

const MAX_TEXT_BYTES = 1_024;

/** An anchor that is another for every watermark and version. */
export function anchorOf(highWatermark: number, version = 1): SnapshotAnchor {
  const contentHash = `blake3:${highWatermark}-${version}`;
  return { highWatermark, blobRef: `s3://снимки/${highWatermark}/${version}`, contentHash };
}

async function checkLatest(log: RunLog, anchor: SnapshotAnchor | undefined): Promise<void> {
  deepStrictEqual(await settle(log.latestSnapshotAnchor()), anchor);
}

/** What holds of snapshot anchors. */
export const anchorLaws: Laws = {
  "has no anchor until one is recorded": async (scope) => {
    const backend = await scope.open();
    await append(backend, 3);
    await checkLatest(backend, undefined);
  },

  "gives the latest anchor back": async (scope) => {
    const backend = await scope.open();
    await append(backend, 3);
    await settle(backend.recordSnapshotAnchor(anchorOf(2)));
    await checkLatest(backend, anchorOf(2));
    await settle(backend.recordSnapshotAnchor(anchorOf(3)));
    await checkLatest(backend, anchorOf(3));
    await append(backend, 1);
    await checkLatest(await scope.read(backend), anchorOf(3));
  },

  "replaces the anchor at the same watermark": async (scope) => {
    const backend = await scope.open();
    await append(backend, 1);
    await settle(backend.recordSnapshotAnchor(anchorOf(1)));
    await settle(backend.recordSnapshotAnchor(anchorOf(1, 2)));
    await checkLatest(backend, anchorOf(1, 2));
  },

  "takes an anchor at watermark 0": async (scope) => {
    const backend = await scope.open();
    await settle(backend.recordSnapshotAnchor(anchorOf(0)));
    await checkLatest(backend, anchorOf(0));
  },

  "takes texts of 1 024 bytes": async (scope) => {
    const backend = await scope.open();
    const text = "é".repeat(MAX_TEXT_BYTES / 2);
    const anchor = { highWatermark: 0, blobRef: text, contentHash: text };
    await settle(backend.recordSnapshotAnchor(anchor));
    await checkLatest(backend, anchor);
  },

  "refuses an anchor beyond the watermark": async (scope) => {
    const backend = await scope.open();
    await append(backend, 3);
    await settle(backend.recordSnapshotAnchor(anchorOf(3)));
    await refuses(backend.recordSnapshotAnchor(anchorOf(4)), "TIDEMARK_OUT_OF_ORDER", { seq: 4 });
    await checkLatest(backend, anchorOf(3));
  },

  "refuses an anchor below the latest": async (scope) => {
    const backend = await scope.open();
    await append(backend, 3);
    await settle(backend.recordSnapshotAnchor(anchorOf(2)));
    await refuses(backend.recordSnapshotAnchor(anchorOf(1)), "TIDEMARK_OUT_OF_ORDER", { seq: 1 });
    await checkLatest(backend, anchorOf(2));
  },

  "keeps the anchor of a sealed run and takes no more": async (scope) => {
    const backend = await scope.open();
    await append(backend, 3);
    await settle(backend.recordSnapshotAnchor(anchorOf(3)));
    await settle(backend.seal("ended"));
    await refuses(backend.recordSnapshotAnchor(anchorOf(3, 2)), "TIDEMARK_SEALED");
    await settle(backend.close());
    const reader = await scope.read(backend);
    await checkLatest(reader, anchorOf(3));
    strictEqual(reader.watermark, 3);
  },
};
