import { throwError } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunLog } from "../../src/backends/Backend.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import { BackendError, CorruptedError, QuarantinedError } from "../../src/model/errors.ts";
import type { RunManifest } from "../../src/model/manifest.ts";
import { isRestorePoint } from "../../src/runs/isRestorePoint.ts";
import { openParent } from "../../src/runs/lineage.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { releasing, releasingOnFailure } from "../../src/runs/releasing.ts";
import { verifyRun } from "../../src/runs/verifyRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("releasing");

const WHY = new CorruptedError("why");
const STUCK = new BackendError("stuck");
const step = (): Promise<never> => Promise.reject(WHY);

for (const [title, release] of [
  ["rejects", () => Promise.reject(STUCK)],
  [
    "throws",
    () => {
      throw STUCK;
    },
  ],
] as const) {
  test(`tells why a step failed, though letting go ${title}`, async () => {
    assert.is(await failureOf(releasing(release, step)), WHY);
    assert.is(await failureOf(releasingOnFailure(release, step)), WHY);
  });

  test(`tells that letting go ${title} where the step did not fail`, async () => {
    assert.is(await failureOf(releasing(release, async () => 1)), STUCK);
    assert.is(await releasingOnFailure(release, async () => 1), 1);
  });
}

test("lets go once, after the step", async () => {
  const log: string[] = [];
  const release = async (): Promise<void> => void log.push("released");
  const result = await releasing(release, async () => log.push("step"));
  assert.equal([result, log], [1, ["step", "released"]]);
});

/** A sealed run whose log cannot be closed, and cannot be read either. */
async function stuckRun(methods: Partial<RunLog>): Promise<RunCatalog> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await run.append({ topic: "t", payloadType: "T", payload: "" });
  await run.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
  await run.close();
  return wrappedCatalog(catalog, {
    read: (log) => overridden(log, { close: () => throwError(() => STUCK), ...methods }),
  });
}

const UNREADABLE = { framesFrom: () => throwError(() => new BackendError("unreadable")) };

test("verifyRun tells why it could not read", async () => {
  const catalog = await stuckRun(UNREADABLE);
  assert.is((await failureOf(verifyRun({ catalog }))).message, "unreadable");
});

test("isRestorePoint tells that it could not read", async () => {
  const catalog = await stuckRun({
    latestSnapshotAnchor: () => throwError(() => new BackendError("unreadable")),
  });
  const [run] = await catalog.list();
  assert.ok(run);
  assert.is((await failureOf(isRestorePoint(catalog, run))).message, "unreadable");
});

test("isRestorePoint finds damage, whether the log can be closed or not", async () => {
  const catalog = await stuckRun({ latestSnapshotAnchor: () => throwError(() => WHY) });
  const [run] = await catalog.list();
  assert.ok(run);
  assert.is(await isRestorePoint(catalog, run), false);
});

test("a parent that must not be replayed is refused for that", async () => {
  const catalog = await stuckRun({});
  const [run] = await catalog.list();
  assert.ok(run);
  const manifest: RunManifest = { ...run.manifest, status: "quarantined" };
  const quarantined = wrappedCatalog(catalog, {
    read: (log) =>
      new Proxy(log, {
        get: (target, name) =>
          name === "manifest" ? manifest : (Reflect.get(target, name, target) as unknown),
      }),
  });
  const opening = openParent({ catalog: quarantined }, "default", manifest.runId, "edges");
  assert.instance(await failureOf(opening), QuarantinedError);
});

test.run();
