import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import type { Finding } from "../../src/runs/Finding.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { recoverRuns } from "../../src/runs/recoverRuns.ts";
import { verifyRun } from "../../src/runs/verifyRun.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { storedRun } from "../streams/support/scriptedBackend.ts";
import { flipped, rowsOf, ServedLog, type Served } from "./support/ServedLog.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("endingFindings");

const DRAFT = { topic: "t", payloadType: "T", payload: "" };

/** A run of some entries, closed or left to be recovered. */
async function sealedRun(isClosed: boolean): Promise<RunCatalog> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await run.append(DRAFT);
  if (isClosed) await run.close();
  else await run.abandon();
  await recoverRuns({ catalog });
  return catalog;
}

async function findingsOf(catalog: RunCatalog, served: Served = {}): Promise<readonly Finding[]> {
  const read = wrappedCatalog(catalog, { read: (log) => new ServedLog(log, served) });
  return (await verifyRun({ catalog: read })).findings;
}

test("has nothing against a run that was closed, nor against one that crashed", async () => {
  assert.equal(await findingsOf(await sealedRun(true)), []);
  assert.equal(await findingsOf(await sealedRun(false)), []);
});

for (const [isClosed, status] of [
  [true, "crashed-recovered"],
  [false, "ended"],
] as const) {
  test(`tells a run that is called ${status}, and is not`, async () => {
    const findings = await findingsOf(await sealedRun(isClosed), { manifest: { status } });
    assert.equal(
      findings.map(({ kind }) => kind),
      ["manifest-mismatch"],
    );
    assert.match(JSON.stringify(findings), `It is ${status}`);
  });
}

test("holds nothing against a run that is being written, or was set aside", async () => {
  const catalog = await sealedRun(true);
  assert.equal(await findingsOf(catalog, { manifest: { status: "running" } }), []);
  assert.equal(await findingsOf(catalog, { manifest: { status: "quarantined" } }), []);
});

test("holds nothing against a log that was written without the lifecycle of a run", async () => {
  const catalog = memoryCatalog();
  const lease = await catalog.acquire("default");
  const writer = openWriter(await lease.create(storedRun().manifest));
  await writer.append(DRAFT);
  await writer.close();
  assert.equal((await verifyRun({ catalog })).findings, []);
});

test("tells a damaged last entry once", async () => {
  const catalog = await sealedRun(true);
  const log = await catalog.read("default", (await catalog.list())[0]?.manifest.runId ?? "");
  const rows = rowsOf(log).map((row, at, all) => (at === all.length - 1 ? flipped(row, -1) : row));
  const kinds = (await findingsOf(catalog, { rows })).map(({ kind }) => kind);
  assert.equal(kinds, ["undecodable"]);
});

test.run();
