import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeAnchor } from "../../src/backends/lmdb/anchorRow.ts";
import { openEnvironment, type Environment } from "../../src/backends/lmdb/environment.ts";
import { encodeIndexRow } from "../../src/backends/lmdb/indexRow.ts";
import { ANCHOR_KEY, frameKey, indexRowKey } from "../../src/backends/lmdb/keys.ts";
import { openRun, verifyRun, type VerifyReport } from "../../src/index.ts";

const test = suite("verifyRun on a damaged run");

/** What somebody does to a run: to its rows as LMDB keeps them, or to its files. */
interface Damage {
  readonly rows?: (environment: Environment) => Promise<unknown>;
  readonly files?: (folder: string) => void;
}

const ENTRIES = 22;

let directory: string;
let runId: string;

/** A sealed run of 22 entries in frames of one, five and less, with two keys each, and an anchor. */
test.before(async () => {
  directory = mkdtempSync(join(tmpdir(), "tidemark-damaged-"));
  const run = await openRun({ directory, writer: { maxBatchEntries: 5, flushWhenIdle: false } });
  for (let seq = 2; seq < ENTRIES; seq += 1) {
    run.offer({
      topic: "t",
      payloadType: "T",
      payload: `payload ${seq}.${"p".repeat(200)}`,
      tsInit: BigInt(seq),
      indexKeys: [
        { kind: "id", key: `O-${seq}` },
        { kind: "desk", key: `d-${seq % 3}` },
      ],
    });
  }
  await run.recordSnapshotAnchor({ blobRef: "blob", contentHash: "hash" });
  await run.close();
  ({ runId } = run);
});

test.after(() => {
  rmSync(directory, { recursive: true });
});

/** The report on a copy of the run, after somebody was at it. */
async function reportOn({ rows, files }: Damage): Promise<VerifyReport> {
  const copy = mkdtempSync(join(tmpdir(), "tidemark-damaged-"));
  try {
    cpSync(directory, copy, { recursive: true });
    const folder = join(copy, "default", runId);
    if (rows !== undefined) {
      const environment = await openEnvironment(folder);
      await rows(environment);
      await environment.close();
    }
    files?.(folder);
    return await verifyRun({ directory: copy });
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Without the prose. */
async function findingsOn(damage: Damage): Promise<readonly object[]> {
  const { findings, isClean } = await reportOn(damage);
  assert.is(isClean, false);
  return findings.map((finding) => {
    if (!("reason" in finding)) return finding;
    const { reason, ...rest } = finding;
    assert.type(reason, "string");
    return rest;
  });
}

function drift(indexKind: string, key: string, seqs: object): object {
  return { kind: "index-drift", indexKind, key, ...seqs };
}

function rowKeyOf(kind: string, key: string): Uint8Array {
  return indexRowKey(kind, key) as Uint8Array;
}

/** Changes a byte of a stored value. */
async function change(environment: Environment, key: Uint8Array, at: number): Promise<void> {
  const value = Buffer.from(environment.get(key) as Uint8Array);
  value[at] = (value.at(at) as number) ^ 0x01;
  await environment.put(key, value);
}

test("finds nothing where nothing was done, also in files that may not be written", async () => {
  const untouched = await reportOn({
    files: (folder) => chmodSync(join(folder, "data.mdb"), 0o400),
  });
  assert.equal(untouched.findings, []);
  assert.equal([untouched.entriesScanned, untouched.highWatermark], [ENTRIES, ENTRIES]);
});

test("finds an entry of which one byte is another", async () => {
  const findings = await findingsOn({
    rows: async (environment) => {
      const frame = Buffer.from(environment.get(frameKey(7)) as Uint8Array);
      await change(environment, frameKey(7), frame.indexOf("payload 9.") + 8);
    },
  });
  assert.equal(findings, [
    { kind: "undecodable", seq: 7 },
    { kind: "hash-mismatch", seq: 9 },
    drift("id", "O-9", { storedSeq: 9 }),
  ]);
});

test("finds frames that are missing, and the rows of the index that lead there", async () => {
  const { findings, entriesScanned } = await reportOn({
    rows: async (environment) => {
      await environment.remove(frameKey(7));
      await environment.remove(frameKey(17));
    },
  });
  assert.is(entriesScanned, ENTRIES - 10);
  assert.equal(findings.slice(0, 2), [
    { kind: "gap", from: 7, to: 11 },
    { kind: "gap", from: 17, to: 21 },
  ]);
  assert.equal(
    findings.slice(2).map((finding) => "storedSeq" in finding && finding.storedSeq),
    [10, 11, 17, 18, 19, 20, 21, 7, 8, 9],
  );
});

test("finds a frame under another key than its first seq", async () => {
  const findings = await findingsOn({
    rows: async (environment) => {
      const frame = environment.get(frameKey(12)) as Uint8Array;
      await environment.put(frameKey(13), frame);
      await environment.remove(frameKey(12));
    },
  });
  assert.equal(findings[0], { kind: "seq-mismatch", storedAt: 13, seq: 12 });
});

test("finds a frame in the place of another", async () => {
  const findings = await findingsOn({
    rows: async (environment) => {
      await environment.put(frameKey(7), environment.get(frameKey(2)) as Uint8Array);
    },
  });
  assert.equal(findings[0], { kind: "seq-mismatch", storedAt: 7, seq: 2 });
});

test("finds rows of the index that are missing, lead elsewhere, or that nothing carries", async () => {
  const findings = await findingsOn({
    rows: async (environment) => {
      await environment.remove(rowKeyOf("id", "O-5"));
      for (const [kind, key, seq] of [
        ["id", "O-6", 9],
        ["id", "O-15", 4],
        ["desk", "d-2", 5],
        ["id", "O-99", 3],
        ["other", "x", 3],
      ] as const) {
        const row = encodeIndexRow(rowKeyOf(kind, key), seq);
        await environment.put(row.key, row.value);
      }
    },
  });
  assert.equal(findings, [
    drift("desk", "d-2", { storedSeq: 5, expectedSeq: 2 }),
    drift("id", "O-5", { expectedSeq: 5 }),
    drift("id", "O-6", { storedSeq: 9, expectedSeq: 6 }),
    drift("id", "O-15", { storedSeq: 4, expectedSeq: 15 }),
    drift("id", "O-99", { storedSeq: 3 }),
    drift("other", "x", { storedSeq: 3 }),
  ]);
});

test("finds a row of the index that is damaged", async () => {
  const findings = await findingsOn({
    rows: (environment) => change(environment, rowKeyOf("id", "O-5"), 7),
  });
  assert.equal(findings, [drift("id", "O-5", { expectedSeq: 5 }), { kind: "structure" }]);
});

test("finds an anchor that cannot be read, and one beyond the end of the log", async () => {
  const anchorInvalid = [{ kind: "anchor-invalid" }];
  const damaged = { rows: (environment: Environment) => change(environment, ANCHOR_KEY, 12) };
  assert.equal(await findingsOn(damaged), anchorInvalid);
  const anchor = { highWatermark: ENTRIES + 1, blobRef: "blob", contentHash: "hash" };
  const beyond = {
    rows: (environment: Environment) => environment.put(ANCHOR_KEY, encodeAnchor(anchor, 1)),
  };
  assert.equal(await findingsOn(beyond), anchorInvalid);
});

test("finds that the end is gone", async () => {
  const kinds = (
    await findingsOn({ rows: (environment) => environment.remove(frameKey(ENTRIES)) })
  ).map((finding) => "kind" in finding && finding.kind);
  assert.equal(kinds, ["manifest-mismatch", "manifest-mismatch", "rolled-back"]);
});

for (const [title, harm] of [
  ["half as long", (file: Buffer) => file.subarray(0, file.length / 2)],
  ["half empty", (file: Buffer) => file.fill(0, file.length / 2)],
] as const) {
  test(`finds a file that is ${title}`, async () => {
    const findings = await findingsOn({
      files: (folder) => {
        const path = join(folder, "data.mdb");
        writeFileSync(path, harm(readFileSync(path)));
      },
    });
    assert.ok(findings.length > 0);
  });
}

test.run();
