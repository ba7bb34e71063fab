import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import type { NotFoundError } from "../../src/model/errors.ts";
import type { Run } from "../../src/model/Run.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { flipped, rowsOf, ServedLog } from "./support/ServedLog.ts";
import { faultyCatalog, overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("the parent of a run");

/** Leaves a run behind that nobody sealed. */
async function crashed(catalog: RunCatalog): Promise<Run> {
  const run = await openRun({ catalog });
  await run.append(draftOf(1));
  await run.abandon();
  return run;
}

/** Leaves a run behind that never got its first entry. */
async function crashedAtBirth(catalog: RunCatalog): Promise<void> {
  await failureOf(openRun({ catalog: faultyCatalog(catalog, [{ at: 1, fail: "error" }]) }));
}

/** A catalog whose crashed runs turn out to be damaged. */
function damaging(catalog: RunCatalog): RunCatalog {
  return wrappedCatalog(catalog, {
    recover: (backend) => {
      const rows = rowsOf(backend).map((row) => flipped(row, -1));
      const served = new ServedLog(backend, { rows });
      return overridden(backend, {
        framesFrom: served.framesFrom.bind(served),
      });
    },
  });
}

test("is none for the first run of an instance", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  assert.is("parentRunId" in run.manifest, false);
});

test("is none after a run that was closed", async () => {
  const catalog = memoryCatalog();
  await (await openRun({ catalog })).close();
  assert.is((await openRun({ catalog })).manifest.parentRunId, undefined);
});

test("is the newest run where that crashed", async () => {
  const catalog = memoryCatalog();
  const first = await crashed(catalog);
  const second = await openRun({ catalog });
  assert.is(second.manifest.parentRunId, first.runId);
  await second.abandon();
  const third = await openRun({ catalog });
  assert.is(third.manifest.parentRunId, second.runId);
});

test("is none where the newest was closed, though an older one crashed", async () => {
  const catalog = memoryCatalog();
  await crashed(catalog);
  await (await openRun({ catalog })).close();
  assert.is((await openRun({ catalog })).manifest.parentRunId, undefined);
});

test("is never of another instance", async () => {
  const catalog = memoryCatalog();
  await crashed(catalog);
  const other = await openRun({ catalog, instanceId: "other" });
  assert.is(other.manifest.parentRunId, undefined);
  assert.equal(other.recovered, []);
});

test("is handed on by runs that crashed before their first entry", async () => {
  const catalog = memoryCatalog();
  const first = await crashed(catalog);
  await crashedAtBirth(catalog);
  await crashedAtBirth(catalog);
  const run = await openRun({ catalog });
  assert.is(run.manifest.parentRunId, first.runId);
  assert.equal((await catalog.list()).length, 4);
});

test("is none where only runs crashed that never had an entry", async () => {
  const catalog = memoryCatalog();
  await crashedAtBirth(catalog);
  await crashedAtBirth(catalog);
  assert.is((await openRun({ catalog })).manifest.parentRunId, undefined);
});

test("is none where the newest was damaged", async () => {
  const catalog = memoryCatalog();
  await crashed(catalog);
  const run = await openRun({ catalog: damaging(catalog) });
  assert.equal(
    run.recovered.map(({ status }) => status),
    ["quarantined"],
  );
  assert.is(run.manifest.parentRunId, undefined);
});

test("is the one asked for, though it was closed, and though a newer one crashed", async () => {
  const catalog = memoryCatalog();
  const closed = await openRun({ catalog });
  await closed.close();
  await crashed(catalog);
  const run = await openRun({ catalog, parentRunId: closed.runId });
  assert.is(run.manifest.parentRunId, closed.runId);
});

test("may be one that crashed and is only sealed by this open", async () => {
  const catalog = memoryCatalog();
  const first = await crashed(catalog);
  const run = await openRun({ catalog, parentRunId: first.runId });
  assert.is(run.manifest.parentRunId, first.runId);
});

test("must exist", async () => {
  const catalog = memoryCatalog();
  const failure = (await failureOf(openRun({ catalog, parentRunId: "7-0000" }))) as NotFoundError;
  assert.is(failure.code, "TIDEMARK_NOT_FOUND");
  assert.match(failure.what, "7-0000");
  assert.equal(await catalog.list(), []);
  await openRun({ catalog });
});

test("must not be damaged, and asking for one that is leaves nothing locked", async () => {
  const catalog = memoryCatalog();
  const first = await crashed(catalog);
  const opening = openRun({ catalog: damaging(catalog), parentRunId: first.runId });
  assert.is((await failureOf(opening)).code, "TIDEMARK_QUARANTINED");
  await openRun({ catalog });
});

test("must be of the same instance", async () => {
  const catalog = memoryCatalog();
  const first = await crashed(catalog);
  const opening = openRun({ catalog, instanceId: "other", parentRunId: first.runId });
  assert.is((await failureOf(opening)).code, "TIDEMARK_NOT_FOUND");
});

test.run();
