import { of, throwError } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunLog } from "../../src/backends/Backend.ts";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import * as layout from "../../src/format/frameLayout.ts";
import type { IndexKey, Seq } from "../../src/model/entry.ts";
import { CorruptedError, DiskError } from "../../src/model/errors.ts";
import type { RunStatus } from "../../src/model/manifest.ts";
import type { Finding } from "../../src/runs/Finding.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { verifyRun } from "../../src/runs/verifyRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { turnsDuring } from "../support/turnsDuring.ts";
import { flipped, rowsOf, ServedLog, type Row, type Served } from "./support/ServedLog.ts";
import { overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("the index of a run that is verified");

/** The rows of an index, `kind=key` to seq. */
type Rows = Readonly<Record<string, Seq>>;

const RIGHT: Rows = { "desk=d": 3, "id=O-1": 2, "id=O-2": 4, "id=O-3": 6 };

/**
 * A sealed run of seven entries in frames of two, of which 2 to 6 carry keys: O-1, O-1 + d, O-2, O-2
 * + d, O-3.
 */
async function writtenRun(): Promise<RunCatalog> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog, writer: { maxBatchEntries: 2, flushWhenIdle: false } });
  for (const [position, key] of ["O-1", "O-1", "O-2", "O-2", "O-3"].entries()) {
    const indexKeys: IndexKey[] = [{ kind: "id", key }];
    if (position % 2 === 1) indexKeys.push({ kind: "desk", key: "d" });
    run.offer({ topic: "t", payloadType: "T", payload: `payload ${position + 2}`, indexKeys });
  }
  await run.close();
  return catalog;
}

/** A log with another index. */
function indexed(log: RunLog, rows: Rows): RunLog {
  const keysOf = (kind: string, after = ""): { key: string; seq: Seq }[] =>
    Object.entries(rows)
      .map(([id, seq]) => ({ kind: id.split("=")[0], key: id.split("=")[1] as string, seq }))
      .filter((row) => row.kind === kind && row.key > after)
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ key, seq }) => ({ key, seq }));
  const kinds = [...new Set(Object.keys(rows).map((id) => id.split("=")[0] as string))].toSorted();
  return overridden(log, {
    lookup: (kind, key) => of(rows[`${kind}=${key}`]),
    // One by one, as pages.
    indexKeys: (kind, after) => of(keysOf(kind, after).slice(0, 1)),
    indexKinds: (after = "") => of(kinds.filter((kind) => kind > after).slice(0, 1)),
  });
}

async function findingsOn(
  rows: Rows,
  tamper: (rows: readonly Row[]) => readonly Row[] = (same) => same,
  served: Served = {},
): Promise<readonly Finding[]> {
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (log) => indexed(new ServedLog(log, { ...served, rows: tamper(rowsOf(log)) }), rows),
  });
  return (await verifyRun({ catalog })).findings;
}

function drift(indexKind: string, key: string, seqs: object): object {
  return { kind: "index-drift", indexKind, key, ...seqs };
}

test("is right where each key leads to the first entry that carries it", async () => {
  assert.equal((await verifyRun({ catalog: await writtenRun() })).findings, []);
  assert.equal(await findingsOn(RIGHT), []);
});

test("is right where more keys come again than are remembered, and gives others a turn", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  for (let round = 0; round < 2; round += 1) {
    for (let entry = 0; entry < 100; entry += 1) {
      const indexKeys = Array.from({ length: 250 }, (_, at) => {
        return { kind: "id", key: `O-${entry * 250 + at}` };
      });
      run.offer({ topic: "t", payloadType: "T", payload: "", indexKeys });
    }
  }
  await run.close();
  const turns = await turnsDuring(async () => {
    assert.equal((await verifyRun({ catalog })).findings, []);
  });
  assert.ok(turns >= 250, `${turns} turns`);
});

test("misses a row, which is told once however often the key comes", async () => {
  const { "desk=d": _, ...rows } = RIGHT;
  assert.equal(await findingsOn(rows), [drift("desk", "d", { expectedSeq: 3 })]);
  assert.equal(await findingsOn({}), [
    drift("id", "O-1", { expectedSeq: 2 }),
    drift("desk", "d", { expectedSeq: 3 }),
    drift("id", "O-2", { expectedSeq: 4 }),
    drift("id", "O-3", { expectedSeq: 6 }),
  ]);
});

test("leads to an entry that carries the key and is not the first", async () => {
  assert.equal(await findingsOn({ ...RIGHT, "id=O-1": 3 }), [
    drift("id", "O-1", { storedSeq: 3, expectedSeq: 2 }),
  ]);
});

test("leads behind every entry that carries the key, or behind the end", async () => {
  for (const storedSeq of [6, 99]) {
    assert.equal(await findingsOn({ ...RIGHT, "id=O-1": storedSeq }), [
      drift("id", "O-1", { storedSeq, expectedSeq: 2 }),
    ]);
  }
});

test("leads to an entry before the first that carries the key", async () => {
  assert.equal(await findingsOn({ ...RIGHT, "id=O-3": 4, "desk=d": 1 }), [
    drift("desk", "d", { storedSeq: 1, expectedSeq: 3 }),
    drift("id", "O-3", { storedSeq: 4, expectedSeq: 6 }),
  ]);
});

test("has rows that no entry carries, of a kind that is known or not", async () => {
  assert.equal(await findingsOn({ ...RIGHT, "id=O-9": 4, "other=x": 3, "id=O-8": 77 }), [
    drift("id", "O-8", { storedSeq: 77 }),
    drift("id", "O-9", { storedSeq: 4 }),
    drift("other", "x", { storedSeq: 3 }),
  ]);
});

test("misses one row and has another too many", async () => {
  const { "id=O-2": _, ...rows } = RIGHT;
  assert.equal(await findingsOn({ ...rows, "id=O-9": 4 }), [
    drift("id", "O-2", { expectedSeq: 4 }),
    drift("id", "O-9", { storedSeq: 4 }),
  ]);
});

/** The sixth entry has another payload. */
function changed(rows: readonly Row[]): readonly Row[] {
  return rows.map((row) => {
    const at = Buffer.from(row.bytes).indexOf("payload 6");
    return at < 0 ? row : flipped(row, at);
  });
}

test("leads to an entry whose hash does not hold", async () => {
  const findings = await findingsOn(RIGHT, changed);
  assert.equal(
    findings.filter(({ kind }) => kind !== "undecodable"),
    [{ kind: "hash-mismatch", seq: 6 }, drift("id", "O-3", { storedSeq: 6 })],
  );
});

test("leads to what is missing, and to what cannot be read", async () => {
  const missing = await findingsOn(RIGHT, (rows) => rows.filter(({ fromSeq }) => fromSeq !== 4));
  assert.equal(missing, [{ kind: "gap", from: 4, to: 5 }, drift("id", "O-2", { storedSeq: 4 })]);
  const unreadable = await findingsOn(RIGHT, (rows) =>
    rows.map((row) => (row.fromSeq === 4 ? flipped(row, layout.AT_MAGIC) : row)),
  );
  assert.equal(unreadable.slice(1), [drift("id", "O-2", { storedSeq: 4 })]);
});

test("is not judged beyond the watermark while the run is written", async () => {
  const running = { manifest: { status: "running", highWatermark: 0 } } as const;
  const newer = { ...RIGHT, "id=O-9": 90 };
  assert.equal(await findingsOn(newer, undefined, running), []);
  assert.equal(await findingsOn(newer), [drift("id", "O-9", { storedSeq: 90 })]);
});

test("is not judged beyond the watermark where the run is sealed meanwhile", async () => {
  let status: RunStatus = "running";
  let follows = 0;
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (log) => {
      const served = indexed(new ServedLog(log, {}), { ...RIGHT, "id=O-9": 90 });
      return overridden(served, {
        get manifest() {
          return { ...log.manifest, status };
        },
        indexKinds: (after) => {
          follows += after === undefined ? 1 : 0;
          return served.indexKinds(after);
        },
      });
    },
  });
  const { findings } = await verifyRun({ catalog, onProgress: () => (status = "ended") });
  assert.equal(findings, []);
  assert.is(follows, 1, "the rows are counted, and not followed");
});

/** What is said of an index that is wrong in every key, and all that is told. */
async function hopeless(read: (log: RunLog) => RunLog, keysOfEach: number): Promise<unknown[]> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  for (let entry = 0; entry < 401; entry += 1) {
    const indexKeys = Array.from({ length: keysOfEach }, (_, key) => ({
      kind: "id",
      key: `${entry}-${key}`,
    }));
    run.offer({ topic: "t", payloadType: "T", payload: "", indexKeys });
  }
  await run.close();
  const told: unknown[] = [];
  await verifyRun({
    catalog: wrappedCatalog(catalog, { read }),
    onFinding: ({ kind }) => told.push(kind),
  });
  return told;
}

const GIVEN_UP = [...Array.from({ length: 100_000 }, () => "index-drift"), "structure"];

test("is judged no further once 100,000 of its rows are missing", async () => {
  const told = await hopeless((log) => indexed(log, {}), 250);
  assert.equal(told, GIVEN_UP);
});

/** A log with an index of 100,500 rows that all lead to one seq. */
function leadingTo(seq: Seq, log: RunLog): RunLog {
  return overridden(log, {
    indexKinds: (after) => of(after === undefined ? ["id"] : []),
    indexKeys: (_kind, after) => {
      const start = after === undefined ? 0 : Number(after) + 1;
      const length = Math.min(1_000, 100_500 - start);
      const keyAt = (row: number): string => String(start + row).padStart(6, "0");
      return of(Array.from({ length }, (_, row) => ({ key: keyAt(row), seq })));
    },
  });
}

test("is judged no further once 100,000 of its rows lead nowhere", async () => {
  assert.equal(await hopeless((log) => leadingTo(10 ** 9, log), 0), GIVEN_UP);
});

test("is judged no further once 100,000 of its rows lead to an entry without their key", async () => {
  assert.equal(await hopeless((log) => leadingTo(1, log), 0), GIVEN_UP);
});

test("has rows that cannot be read, which keeps nothing else from being checked", async () => {
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (log) =>
      overridden(new ServedLog(log, { rows: rowsOf(log).slice(0, -1) }) as RunLog, {
        lookup: (kind, key) => {
          if (key === "O-2") throw new CorruptedError("A row of the index is damaged");
          return log.lookup(kind, key);
        },
        indexKinds: () => {
          throw new CorruptedError("A row of the index is damaged");
        },
      }),
  });
  assert.equal(
    (await verifyRun({ catalog })).findings.map((finding) => finding.kind),
    ["index-drift", "gap", "manifest-mismatch", "structure"],
  );
});

test("that the disk does not give is no finding, but the end of the verification", async () => {
  const failure = new DiskError("The disk failed", 5);
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (log) => overridden(log, { indexKinds: () => throwError(() => failure) }),
  });
  const told: Finding[] = [];
  const rejection = await failureOf(
    verifyRun({ catalog, onFinding: (finding) => told.push(finding) }),
  );
  assert.is(rejection, failure);
  assert.equal(told, []);
});

test.run();
