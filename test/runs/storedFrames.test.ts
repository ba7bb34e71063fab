import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { frameKey } from "../../src/backends/lmdb/keys.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { openRun, verifyRun } from "../../src/index.ts";
import type { EntryDraft } from "../../src/model/entry.ts";

const test = suite("frames in a damaged file");

const DRAFT: EntryDraft = { topic: "t", payloadType: "T", payload: "p".repeat(200) };

let directory: string;
test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), "tidemark-frames-"));
});
test.after.each(() => {
  rmSync(directory, { recursive: true });
});

/** Leaves a run of the start and some batches behind, each batch in a frame; gives its file. */
async function written(
  batches: number,
  size: number,
  leave: "close" | "abandon" = "close",
): Promise<string> {
  const run = await openRun({
    directory,
    writer: { maxBatchEntries: size, maxBatchBytes: 4 * 2 ** 20, queueCapacity: 20_000 },
  });
  for (let batch = 0; batch < batches; batch += 1) {
    await Promise.all(Array.from({ length: size }, () => run.append(DRAFT)));
  }
  await run[leave]();
  return join(directory, "default", run.runId, "data.mdb");
}

/** Flips a bit wherever the bytes stand in a file, at an offset from where they start. */
function flipAt(path: string, found: (file: Buffer) => Iterable<number>, bit = 1): void {
  const file = readFileSync(path);
  let flips = 0;
  for (const at of found(file)) {
    file.writeUInt8(file.readUInt8(at) ^ bit, at);
    flips += 1;
  }
  assert.ok(flips > 0);
  writeFileSync(path, file);
}

function placesOf(file: Buffer, bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = file.indexOf(bytes); at >= 0; at = file.indexOf(bytes, at + 1)) places.push(at);
  return places;
}

/** Stores the frame that starts with 102 under 110. */
function misplace(path: string): void {
  flipAt(
    path,
    function* (file) {
      for (const at of placesOf(file, frameKey(102))) yield at + 8;
    },
    8,
  );
}

test("a frame under another key than its first seq is found, and what is behind it is checked", async () => {
  misplace(await written(5, 100));
  const report = await verifyRun({ directory });
  assert.equal(report.findings, [{ kind: "seq-mismatch", storedAt: 110, seq: 102 }]);
  assert.is(report.entriesScanned, 402);
});

test("a run with a frame under another key is quarantined", async () => {
  misplace(await written(5, 100, "abandon"));
  const run = await openRun({ directory });
  await run.close();
  assert.equal(
    run.recovered.map(({ status }) => status),
    ["quarantined"],
  );
});

test("a damaged frame that fills a page is told once", async () => {
  const path = await written(2, 5_000);
  flipAt(path, function* (file) {
    for (const at of placesOf(file, Buffer.from("TIDE"))) {
      const isFilling = file.readUInt32LE(at + layout.AT_FRAME_BYTES) > 2 ** 20;
      if (isFilling && file.readBigUInt64LE(at + layout.AT_FROM_SEQ) === 2n) {
        yield at + layout.AT_VERSION;
      }
    }
  });
  const report = await verifyRun({ directory });
  assert.equal(
    report.findings.map((finding) => [finding.kind, "seq" in finding && finding.seq]),
    [["undecodable", 2]],
  );
  assert.is(report.entriesScanned, 5_002);
});

test.run();
