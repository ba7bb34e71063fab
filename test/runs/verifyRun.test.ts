import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import { frameDigestOf } from "../../src/format/frameDigest.ts";
import * as layout from "../../src/format/frameLayout.ts";
import type { Finding } from "../../src/runs/Finding.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { verifyRun, type VerifyReport } from "../../src/runs/verifyRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import {
  flipped,
  rowsOf,
  sealedAfterLatest,
  ServedLog,
  type Row,
  type Served,
} from "./support/ServedLog.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("verifyRun");

/** A sealed run of 12 entries in frames of 1, 3, 3, 3 and 2. */
async function writtenRun(): Promise<RunCatalog> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog, writer: { maxBatchEntries: 3, flushWhenIdle: false } });
  for (let item = 2; item <= 11; item += 1) {
    run.offer({ topic: "t", payloadType: "T", payload: `payload ${item}`, tsInit: BigInt(item) });
  }
  await run.close();
  return catalog;
}

/** The report on that run after somebody was at it. */
async function reportOn(
  tamper: (rows: readonly Row[]) => readonly Row[],
  served: Served = {},
): Promise<VerifyReport> {
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (log) => new ServedLog(log, { ...served, rows: tamper(rowsOf(log)) }),
  });
  return verifyRun({ catalog });
}

function at(position: number, change: (row: Row) => Row): (rows: readonly Row[]) => readonly Row[] {
  return (rows) => rows.map((row, index) => (index === position ? change(row) : row));
}

/** Without the prose. */
function kindsOf(findings: readonly Finding[]): unknown[] {
  return findings.map((finding) => {
    if (!("reason" in finding)) return finding;
    const { reason, ...rest } = finding;
    assert.type(reason, "string");
    return rest;
  });
}

const LAST_PAYLOAD = -layout.DIGEST_BYTES - 16;

test("finds nothing wrong with a run that was written and closed", async () => {
  const catalog = await writtenRun();
  const [summary] = await catalog.list();
  assert.equal(await verifyRun({ catalog }), {
    runId: summary?.manifest.runId,
    status: "ended",
    highWatermark: 12,
    entriesScanned: 12,
    findings: [],
    findingCount: 0,
    isClean: true,
  });
});

test("finds nothing wrong with a run that is being written", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await run.append({ topic: "t", payloadType: "T", payload: "" });
  const report = await verifyRun({ catalog });
  assert.equal(
    [report.status, report.highWatermark, report.entriesScanned, report.isClean],
    ["running", 2, 2, true],
  );
});

test("tells an entry that was changed, and goes on", async () => {
  const report = await reportOn(at(2, (row) => flipped(row, LAST_PAYLOAD)));
  assert.equal(kindsOf(report.findings), [
    { kind: "undecodable", seq: 5 },
    { kind: "hash-mismatch", seq: 7 },
  ]);
  assert.is(report.entriesScanned, 12);
  assert.is(report.isClean, false);
});

test("tells every entry that was changed", async () => {
  const report = await reportOn((rows) => rows.map((row) => flipped(row, LAST_PAYLOAD)));
  const hashes = report.findings.filter(({ kind }) => kind === "hash-mismatch");
  assert.equal(
    hashes.map((finding) => "seq" in finding && finding.seq),
    [1, 4, 7, 10, 12],
  );
});

test("tells a digest that does not hold, and goes on behind it", async () => {
  const report = await reportOn(at(1, (row) => flipped(row, -1)));
  assert.equal(kindsOf(report.findings), [{ kind: "undecodable", seq: 2 }]);
  assert.is(report.entriesScanned, 12);
});

test("tells a frame that nothing can be made of once, and goes on behind it", async () => {
  for (const position of [layout.AT_MAGIC, layout.AT_VERSION]) {
    const report = await reportOn(at(1, (row) => flipped(row, position)));
    assert.equal(kindsOf(report.findings), [{ kind: "undecodable", seq: 2 }]);
    assert.is(report.entriesScanned, 9);
    assert.is(report.isClean, false);
  }
});

for (const pageFrames of [1, 100]) {
  test(`takes a frame whose digest does not hold at none of its words, pages of ${pageFrames}`, async () => {
    for (const position of [layout.AT_FROM_SEQ + 4, layout.AT_ENTRY_COUNT]) {
      const report = await reportOn(
        at(1, (row) => flipped(row, position)),
        { pageFrames },
      );
      assert.equal(kindsOf(report.findings), [{ kind: "undecodable", seq: 2 }]);
      assert.is(report.entriesScanned, 9);
    }
  });

  test(`tells each of several damaged frames in a row once, pages of ${pageFrames}`, async () => {
    const report = await reportOn(
      (rows) =>
        rows.map((row, index) => ([1, 2].includes(index) ? flipped(row, layout.AT_VERSION) : row)),
      { pageFrames },
    );
    assert.equal(kindsOf(report.findings), [
      { kind: "undecodable", seq: 2 },
      { kind: "undecodable", seq: 5 },
    ]);
    assert.is(report.entriesScanned, 6);
  });
}

test("tells what is missing behind a frame whose digest does not hold", async () => {
  const report = await reportOn((rows) =>
    at(1, (row) => flipped(row, layout.AT_FROM_SEQ + 4))(rows.toSpliced(2, 1)),
  );
  assert.equal(kindsOf(report.findings), [
    { kind: "undecodable", seq: 2 },
    { kind: "gap", from: 5, to: 7 },
  ]);
});

for (const [title, tamper, from, to] of [
  ["in the middle", (rows: readonly Row[]) => rows.toSpliced(1, 1), 2, 4],
  ["at the start", (rows: readonly Row[]) => rows.slice(1), 1, 1],
  ["at the end", (rows: readonly Row[]) => rows.slice(0, -1), 11, 12],
  ["of all", () => [], 1, 12],
] as const) {
  test(`tells a gap ${title}`, async () => {
    const report = await reportOn(tamper);
    const gaps = report.findings.filter(({ kind }) => kind === "gap");
    assert.equal(gaps, [{ kind: "gap", from, to }]);
    assert.is(report.entriesScanned, 12 - (to - from + 1));
  });
}

test("tells frames that changed places, and comes to an end", async () => {
  const report = await reportOn(([first, second, third, ...rest]) => [
    first as Row,
    { ...(second as Row), bytes: (third as Row).bytes },
    { ...(third as Row), bytes: (second as Row).bytes },
    ...rest,
  ]);
  const kinds = new Set(report.findings.map(({ kind }) => kind));
  assert.ok(kinds.has("gap"));
  assert.is(report.isClean, false);
});

for (const pageFrames of [1, 2, 100]) {
  test(`comes to an end where an older frame stands in the place of another, pages of ${pageFrames}`, async () => {
    const report = await reportOn(
      (rows) => rows.with(3, { ...(rows[3] as Row), bytes: (rows[1] as Row).bytes }),
      { pageFrames },
    );
    assert.equal(report.findings[0], { kind: "seq-mismatch", storedAt: 8, seq: 2 });
    // Some of what should stand there is told as missing, and the rest is checked.
    assert.ok(report.findings.some(({ kind }) => kind === "gap" || kind === "seq-mismatch"));
    assert.ok(report.findings.length < 20);
    assert.ok(report.entriesScanned >= 12);
  });
}

test("comes to an end where the last frame is an older one", async () => {
  const report = await reportOn((rows) =>
    rows.with(4, { ...(rows[4] as Row), bytes: (rows[0] as Row).bytes }),
  );
  assert.ok(report.findings.some(({ kind }) => kind === "seq-mismatch"));
  assert.is(report.isClean, false);
});

test("tells a frame of another run, right in itself, by the chain", async () => {
  const catalog = await writtenRun();
  const other = rowsOf(
    await catalog.read("default", (await catalog.list())[0]?.manifest.runId as string),
  );
  const report = await reportOn((rows) => rows.with(1, other[1] as Row));
  assert.equal(
    report.findings.filter(({ kind }) => kind === "chain-broken"),
    [
      { kind: "chain-broken", seq: 2 },
      { kind: "chain-broken", seq: 5 },
    ],
  );
});

test("tells a last frame with another latest time of the run, right in itself, by the chain", async () => {
  const report = await reportOn((rows) => sealedAfterLatest(rows, 4));
  assert.equal(report.findings, [{ kind: "chain-broken", seq: 11 }]);
});

test("tells a first frame that continues another", async () => {
  const report = await reportOn(
    at(0, (row) => {
      const changed = flipped(row, layout.AT_PREVIOUS_DIGEST);
      changed.bytes.set(frameDigestOf(changed.bytes), changed.bytes.length - layout.DIGEST_BYTES);
      return changed;
    }),
  );
  const broken = report.findings.find(({ kind }) => kind === "chain-broken");
  assert.equal(broken, { kind: "chain-broken", seq: 1 });
});

for (const [title, manifest] of [
  ["highWatermark that is too high", { highWatermark: 13 }],
  ["highWatermark that is too low", { highWatermark: 11 }],
  ["endTsInit that is none of its entries'", { endTsInit: 1n }],
] as const) {
  test(`tells a manifest with a ${title}`, async () => {
    const report = await reportOn((rows) => rows, { manifest });
    assert.equal(kindsOf(report.findings), [{ kind: "manifest-mismatch" }]);
  });
}

test("does not hold a running manifest against the entries", async () => {
  const report = await reportOn((rows) => rows, {
    manifest: { status: "running", highWatermark: 0 },
  });
  assert.is(report.isClean, true);
});

test("takes a tsInit before the start of the run for the caller's business", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await run.append({ topic: "t", payloadType: "T", payload: "", tsInit: 0n });
  await run.close();
  assert.is((await verifyRun({ catalog })).isClean, true);
});

test("tells findings and progress while it goes on", async () => {
  const log: string[] = [];
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (inner) => new ServedLog(inner, { rows: rowsOf(inner).toSpliced(2, 1) }),
  });
  const report = await verifyRun({
    catalog,
    onFinding: ({ kind }) => log.push(kind),
    onProgress: (seq, highWatermark) => log.push(`${seq} of ${highWatermark}`),
  });
  assert.equal(log, ["1 of 12", "4 of 12", "gap", "10 of 12", "12 of 12"]);
  assert.equal(
    report.findings.map(({ kind }) => kind),
    ["gap"],
  );
});

test("closes the log, also where a callback throws", async () => {
  let log: ServedLog | undefined;
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (inner) => (log = new ServedLog(inner, {})),
  });
  await verifyRun({ catalog });
  assert.is(log?.isClosed, true);
  const boom = new Error("boom");
  const onProgress = (): void => {
    throw boom;
  };
  await verifyRun({ catalog, onProgress }).then(
    () => assert.unreachable("resolved"),
    (failure: unknown) => assert.is(failure, boom),
  );
  assert.is(log?.isClosed, true);
});

test("does not find a run that is not there", async () => {
  assert.is((await failureOf(verifyRun({ catalog: memoryCatalog() }))).code, "TIDEMARK_NOT_FOUND");
});

test.run();
