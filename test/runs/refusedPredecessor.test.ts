import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import { BackendError } from "../../src/model/errors.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("a predecessor that we are refused");

const EACCES = 13;
const EAGAIN = 11;

/** A catalog with one run that nobody closed, and whose recovery fails with a number. */
async function catalogRefusing(errno: number): Promise<ReturnType<typeof memoryCatalog>> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await run.abandon();
  return wrappedCatalog(catalog, {
    lease: (lease) =>
      Object.assign(lease, { recover: () => Promise.reject(new BackendError("refused", errno)) }),
  });
}

test("stays unsealed, and keeps nobody from opening a new run", async () => {
  const catalog = await catalogRefusing(EACCES);
  const run = await openRun({ catalog });
  assert.equal(run.recovered, []);
  assert.is(run.manifest.parentRunId, undefined);
  await run.close();
  const statuses = (await catalog.list()).map(({ manifest }) => manifest.status);
  assert.equal(statuses, ["running", "ended"]);
});

test("is another thing than one that cannot be opened just now, which must not be passed over", async () => {
  const catalog = await catalogRefusing(EAGAIN);
  const failure = await failureOf(openRun({ catalog }));
  assert.is(failure.code, "TIDEMARK_BACKEND");
});

test.run();
