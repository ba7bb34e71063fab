import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { Finding } from "../../src/runs/Finding.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { verifyRun } from "../../src/runs/verifyRun.ts";
import { rowsOf, ServedLog, type Row } from "./support/ServedLog.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("the report of a verification");

test("holds the first 10,000 findings of a kind, of which all are told and counted", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({
    catalog,
    writer: { queueCapacity: 12_000, maxBatchEntries: 6_000, flushWhenIdle: false },
  });
  for (let item = 1; item <= 12_000; item += 1) {
    run.offer({ topic: "t", payloadType: "T", payload: "mark" });
  }
  await run.close();
  const damaged = wrappedCatalog(catalog, {
    read: (log) =>
      new ServedLog(log, {
        rows: rowsOf(log).map(withoutMarks),
        manifest: { highWatermark: 13 },
        pageFrames: 10,
      }),
  });
  const told: Finding[] = [];
  const { findings, findingCount } = await verifyRun({
    catalog: damaged,
    onFinding: (finding) => told.push(finding),
  });
  const mismatches = told.filter(({ kind }) => kind === "hash-mismatch");
  assert.ok(mismatches.length >= 12_000);
  assert.is(told.at(-1)?.kind, "manifest-mismatch");
  assert.is(findingCount, told.length);
  const dropped = new Set(mismatches.slice(10_000));
  assert.equal(
    findings,
    told.filter((finding) => !dropped.has(finding)),
  );
});

function withoutMarks(row: Row): Row {
  const bytes = Buffer.from(row.bytes);
  for (let at = bytes.indexOf("mark"); at >= 0; at = bytes.indexOf("mark", at)) bytes[at] = 0;
  return { ...row, bytes };
}

test.run();
