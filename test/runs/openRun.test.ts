import { firstValueFrom } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import { FORMAT_VERSION } from "../../src/format/formatVersion.ts";
import type { HaltedError, LockedError } from "../../src/model/errors.ts";
import type { RunIdentity } from "../../src/model/manifest.ts";
import type { Writer } from "../../src/model/Writer.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { faultyCatalog, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("openRun");

const IDENTITY: RunIdentity = {
  seed: 2n ** 63n,
  binaryHash: "blake3:aa",
  schemaVersion: 3,
  featureFlags: ["b", "a"],
  adapterVersions: { z: "1", a: "2", "10": "x", "9": "y" },
  components: { subscriptions: ["s"], actors: { b: "1", a: "2" } },
};

test("resolves once RunStarted is durable, with the identity alone as canonical JSON", async () => {
  const run = await openRun({ catalog: memoryCatalog(), identity: IDENTITY });
  assert.is(run.watermark, 1);
  assert.is(run.accepted, 1);
  const entry = await run.entryAt(1);
  assert.is(entry?.topic, "run.lifecycle.RunStarted");
  assert.is(entry?.payloadType, "RunStarted");
  assert.is(
    Buffer.from(entry?.payload as Uint8Array).toString(),
    `{"adapterVersions":{"10":"x","9":"y","a":"2","z":"1"},"binaryHash":"blake3:aa",` +
      `"components":{"actors":{"a":"2","b":"1"},"subscriptions":["s"]},` +
      `"featureFlags":["b","a"],"schemaVersion":3,"seed":"9223372036854775808"}`,
  );
});

test("has the identity {} where none is given", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  assert.is(Buffer.from((await run.entryAt(1))?.payload as Uint8Array).toString(), "{}");
});

test("writes a manifest that says what and since when", async () => {
  const run = await openRun({
    catalog: memoryCatalog(),
    instanceId: "desk-1",
    identity: IDENTITY,
    clock: { now: () => 1_700n },
  });
  const { manifest } = run;
  assert.equal(manifest, {
    formatVersion: FORMAT_VERSION,
    runId: run.runId,
    instanceId: "desk-1",
    identity: IDENTITY,
    startTsInit: 1_700n,
    highWatermark: 0,
    status: "running",
  });
  assert.match(run.runId, /^1700-[0-9a-f]{8}$/);
  assert.is(run.instanceId, "desk-1");
  assert.equal(run.recovered, []);
});

test("opens the instance default where none is named", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  assert.is(run.instanceId, "default");
});

test("a change of the caller's identity afterwards changes nothing", async () => {
  const identity = { adapterVersions: { a: "1" } };
  const run = await openRun({ catalog: memoryCatalog(), identity });
  identity.adapterVersions.a = "2";
  assert.equal(run.manifest.identity, { adapterVersions: { a: "1" } });
});

test("seals what was submitted with its end, and reads it back with its keys", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const indexKeys = [
    { kind: "clientOrderId", key: "O-1" },
    { kind: "venueOrderId", key: "V-1" },
  ];
  for (let item = 0; item < 3; item += 1) await run.append({ ...draftOf(item), indexKeys });
  assert.is(await run.lookup("clientOrderId", "O-1"), 2);
  assert.is(await run.lookup("venueOrderId", "V-1"), 2);
  const manifest = await run.close();
  assert.equal([manifest.status, manifest.highWatermark], ["ended", 5]);

  // A sealed run cannot be opened again; it stays beside a new one.
  const lease = await catalog.acquire("default");
  assert.is((await failureOf(lease.recover(run.runId))).code, "TIDEMARK_SEALED");
  await lease.release();
  const next = await openRun({ catalog });
  assert.equal(
    (await catalog.list()).map(({ manifest: { runId, status } }) => [runId, status]),
    [
      [run.runId, "ended"],
      [next.runId, "running"],
    ],
  );
});

test("is LOCKED while the instance has an open run, and says who holds it", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const failure = (await failureOf(openRun({ catalog }))) as LockedError;
  assert.is(failure.code, "TIDEMARK_LOCKED");
  assert.is(failure.holder, `pid ${process.pid}`);
  assert.type(failure.sinceMs, "number");
  assert.is(failure.halted, undefined);
  const other = await openRun({ catalog, instanceId: "other" });
  await Promise.all([run.close(), other.close()]);
});

for (const end of ["close", "abandon"] as const) {
  test(`is free again after ${end}`, async () => {
    const catalog = memoryCatalog();
    const run = await openRun({ catalog });
    await run[end]();
    const next = await openRun({ catalog });
    await next.close();
  });
}

test("is free again after a backpressure halt, once the drain is through", async () => {
  const catalog = memoryCatalog();
  const slow = faultyCatalog(catalog, [{ at: 2, stallMs: 40 }]);
  const run = await openRun({
    catalog: slow,
    writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 5 },
  });
  const submits = [1, 2, 3].map((item) => run.submit(draftOf(item)));
  const { kind } = await firstValueFrom(run.halt$);
  assert.is(kind, "backpressure-stall");
  assert.is((await failureOf(openRun({ catalog }))).code, "TIDEMARK_LOCKED");
  assert.equal(await Promise.all(submits.slice(0, 2)), [2, 3]);
  await run.abandon();
  assert.is(run.watermark, 3);
  const next = await openRun({ catalog });
  assert.equal(
    next.recovered.map(({ status, highWatermark }) => [status, highWatermark]),
    [["crashed-recovered", 3]],
  );
  assert.is(next.manifest.parentRunId, run.runId);
});

for (const [title, fault] of [
  ["fails", { at: 2, fail: "disk" }],
  ["hangs", { at: 2, never: true }],
] as const) {
  test(`stays LOCKED, halted, when the backend ${title}`, async () => {
    const catalog = memoryCatalog();
    const run = await openRun({
      catalog: faultyCatalog(catalog, [fault]),
      writer: { commitTimeoutMs: 10 },
    });
    await failureOf(run.append(draftOf(1)));
    await run.abandon();
    const failure = (await failureOf(openRun({ catalog }))) as LockedError;
    assert.is(failure.code, "TIDEMARK_LOCKED");
    assert.is(failure.halted, true);
  });
}

test("stays LOCKED, halted, when the drain of a backpressure halt fails", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({
    catalog: faultyCatalog(catalog, [
      { at: 2, stallMs: 20 },
      { at: 3, fail: "disk" },
    ]),
    writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 5 },
  });
  for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
  await run.abandon();
  assert.is(((await failureOf(openRun({ catalog }))) as LockedError).halted, true);
});

for (const [title, fault, code] of [
  ["fails by its disk", { at: 1, fail: "disk" }, "TIDEMARK_DISK"],
  ["is damaged", { at: 1, fail: "corrupted" }, "TIDEMARK_CORRUPTED"],
  ["fails otherwise", { at: 1, fail: "error" }, "TIDEMARK_BACKEND"],
  ["hangs", { at: 1, never: true }, "TIDEMARK_BACKEND"],
] as const) {
  test(`rejects with the backend's own error when the first commit ${title}, and lets go`, async () => {
    const catalog = memoryCatalog();
    const opening = openRun({
      catalog: faultyCatalog(catalog, [fault]),
      writer: { commitTimeoutMs: 10 },
    });
    assert.is((await failureOf(opening)).code, code);
    const [left] = await catalog.list();
    assert.equal([left?.manifest.status, left?.watermark], ["running", 0]);

    // The next open seals what is left, and makes it no parent.
    const run = await openRun({ catalog });
    assert.equal(
      run.recovered.map(({ status, highWatermark }) => [status, highWatermark]),
      [["crashed-recovered", 0]],
    );
    assert.is(run.manifest.parentRunId, undefined);
    await run.close();
  });
}

test("rejects with what the catalog says when the run cannot be created, and lets go", async () => {
  const catalog = memoryCatalog();
  const broken = wrappedCatalog(catalog, {
    lease: (lease) => ({ ...lease, create: () => Promise.reject(new Error("no folder")) }),
  });
  await openRun({ catalog: broken }).then(
    () => assert.unreachable("opened"),
    (failure: Error) => assert.is(failure.message, "no folder"),
  );
  await openRun({ catalog });
});

for (const [title, time] of [
  ["stands still", () => 1_000n],
  [
    "goes back",
    (
      (now) => () =>
        (now -= 500n)
    )(100_000n),
  ],
] as const) {
  test(`gives unique and sorted ids when the clock ${title}`, async () => {
    const catalog = memoryCatalog();
    const ids: string[] = [];
    const starts: bigint[] = [];
    for (let opened = 0; opened < 5; opened += 1) {
      const run = await openRun({ catalog, clock: { now: time } });
      ids.push(run.runId);
      starts.push(run.manifest.startTsInit);
      await run.close();
    }
    assert.equal(new Set(ids).size, 5);
    assert.equal(ids, ids.toSorted());
    for (let index = 1; index < 5; index += 1) {
      assert.ok((starts[index] as bigint) > (starts[index - 1] as bigint));
    }
  });
}

test("its close tells RunEnded as the last entry, and its reads end with it", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  const types: string[] = [];
  const reading = (async () => {
    for await (const { payloadType } of run.entries({ live: true })) types.push(payloadType);
  })();
  await run.append(draftOf(1));
  await run.close();
  await reading;
  assert.equal(types, ["RunStarted", "Text", "RunEnded"]);
});

test("takes no draft of its callers as the last one", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  const writer: Writer = run;
  assert.is((await writer.close(draftOf(1))).highWatermark, 2);
});

test("await using leaves a crashed predecessor, and closing does not", async () => {
  const catalog = memoryCatalog();
  {
    await using run = await openRun({ catalog });
    await run.append(draftOf(1));
  }
  const second = await openRun({ catalog });
  assert.equal(
    second.recovered.map(({ status, highWatermark }) => [status, highWatermark]),
    [["crashed-recovered", 2]],
  );
  await second.close();
  const third = await openRun({ catalog });
  assert.equal(third.recovered, []);
});

test("a halted run names its reason to whoever reads it", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog: faultyCatalog(catalog, [{ at: 2, fail: "disk" }]) });
  await failureOf(run.append(draftOf(1)));
  const failure = (await failureOf(run.entryAt(1))) as HaltedError;
  assert.is(failure.reason.kind, "backend-disk");
});

test.run();
