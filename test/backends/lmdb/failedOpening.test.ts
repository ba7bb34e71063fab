import { mkdir, rmdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { openRun } from "../../../src/index.ts";
import { failureOf } from "../../streams/support/failureOf.ts";
import { faultyCatalog } from "../../runs/support/wrappedCatalog.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("an openRun that fails");

test("in its first commit lets go of the instance, and the next one recovers what it left", async () => {
  await inTemporaryFolder(async (directory) => {
    const catalog = lmdbCatalog({ directory });
    const broken = faultyCatalog(catalog, [{ at: 1, fail: "disk" }]);
    assert.is((await failureOf(openRun({ catalog: broken }))).code, "TIDEMARK_DISK");
    const next = await openRun({ catalog });
    assert.is(next.recovered[0]?.status, "crashed-recovered");
    await next.close();
  });
});

for (const isDamaged of [false, true]) {
  const which = isDamaged ? "damaged" : "crashed";
  test(`in sealing a ${which} predecessor says so with a typed error, and lets go`, async () => {
    await inTemporaryFolder(async (directory) => {
      const first = await openRun({ directory });
      await first.abandon();
      const folder = join(directory, "default", first.runId);
      if (isDamaged) await truncate(join(folder, "data.mdb"), 4_096);
      const draft = join(folder, "manifest.json.tmp");
      await mkdir(draft);
      assert.match((await failureOf(openRun({ directory }))).code, /^TIDEMARK_(BACKEND|DISK)$/);
      await rmdir(draft);
      const next = await openRun({ directory });
      const status = isDamaged ? "quarantined" : "crashed-recovered";
      assert.is(next.recovered[0]?.status, status);
      await next.close();
    });
  });
}

test.run();
