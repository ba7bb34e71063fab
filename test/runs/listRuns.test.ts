import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import { listRuns } from "../../src/runs/listRuns.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";

const test = suite("listRuns");

test("lists nothing where there is nothing", async () => {
  const catalog = memoryCatalog();
  assert.equal(await listRuns({ catalog }), []);
  assert.equal(await listRuns({ catalog, instanceId: "nobody" }), []);
});

test("lists the runs of one instance or of all, oldest first, live or not", async () => {
  const catalog = memoryCatalog();
  let now = 0n;
  const clock = { now: (): bigint => (now += 1_000n) };
  const first = await openRun({ catalog, clock });
  await first.append(draftOf(1));
  await first.close();
  const other = await openRun({ catalog, clock, instanceId: "other" });
  const second = await openRun({ catalog, clock });
  const all = await listRuns({ catalog });
  assert.equal(
    all.map(({ manifest, watermark, isLive, problem }) => [
      manifest.runId,
      manifest.status,
      watermark,
      isLive,
      problem,
    ]),
    [
      [first.runId, "ended", 3, false, undefined],
      [other.runId, "running", 1, true, undefined],
      [second.runId, "running", 1, true, undefined],
    ],
  );
  for (const { sizeBytes } of all) assert.ok(sizeBytes > 100);
  const named = await listRuns({ catalog, instanceId: "default" });
  assert.equal(
    named.map(({ manifest }) => manifest.runId),
    [first.runId, second.runId],
  );
  await other.abandon();
  const [left] = await listRuns({ catalog, instanceId: "other" });
  assert.equal([left?.manifest.status, left?.isLive], ["running", false]);
});

test("refuses an instance that can be none", async () => {
  const listing = listRuns({ catalog: memoryCatalog(), instanceId: "../runs" });
  assert.is((await failureOf(listing)).code, "TIDEMARK_INVALID_CONFIG");
});

test.run();
