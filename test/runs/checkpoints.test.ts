import { lastValueFrom, of, throwError, type Observable } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Checkpoint, Checkpoints, RunLog } from "../../src/backends/Backend.ts";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import { frameHeaderOf } from "../../src/format/frameHeader.ts";
import { CorruptedError, DiskError } from "../../src/model/errors.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { readRun } from "../../src/runs/readRun.ts";
import { verifyRun } from "../../src/runs/verifyRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { flipped, rowsOf, ServedLog, type Row } from "./support/ServedLog.ts";
import { overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("checkpoints");

/** A run of 5 entries in frames of one, sealed or left behind. */
async function written(end: "closed" | "left"): Promise<RunCatalog> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const last = end === "closed" ? 3 : 4;
  for (let item = 1; item <= last; item += 1) await run.append(draftOf(item));
  await (end === "closed" ? run.close() : run.abandon());
  return catalog;
}

/** The head that the log has, or once had, at a seq. */
function headAt(log: RunLog, seq: number): Checkpoint {
  const row = rowsOf(log).find(({ toSeq }) => toSeq === seq) as Row;
  return { seq, epoch: 1, digest: frameHeaderOf(row.bytes).digest };
}

/** The catalog, with these heads remembered beside its logs. */
function remembering(
  catalog: RunCatalog,
  checkpointsOf: (log: RunLog) => Checkpoints,
  rows?: (rows: readonly Row[]) => readonly Row[],
): RunCatalog {
  const wrap = <Log extends RunLog>(log: Log): Log => {
    const checkpoints = (): ReturnType<NonNullable<RunLog["checkpoints"]>> =>
      of(checkpointsOf(log));
    if (rows === undefined) return overridden(log, { checkpoints } as Partial<Log>);
    const served = new ServedLog(log, { rows: rows(rowsOf(log)) });
    const framesFrom = served.framesFrom.bind(served);
    return overridden(log, { checkpoints, framesFrom } as unknown as Partial<Log>);
  };
  return wrappedCatalog(catalog, { recover: wrap, read: wrap });
}

const STRANGE = new Uint8Array(32).fill(1);
const CONTRADICTIONS: readonly (readonly [string, (log: RunLog) => Checkpoints])[] = [
  ["ends before its last checkpoint", () => ({ latest: { seq: 6, epoch: 1, digest: STRANGE } })],
  ["has another frame at its head", () => ({ latest: { seq: 5, epoch: 1, digest: STRANGE } })],
  ["has another frame within", () => ({ latest: { seq: 2, epoch: 1, digest: STRANGE } })],
];

test("a log that bears out its checkpoint is read, recovered and clean", async () => {
  for (const seq of [1, 3, 5]) {
    const closed = remembering(await written("closed"), (log) => ({ latest: headAt(log, 5) }));
    assert.is((await verifyRun({ catalog: closed })).isClean, true);
    await (await readRun({ catalog: closed })).close();
    const left = remembering(await written("left"), (log) => ({ latest: headAt(log, seq) }));
    assert.is((await verifyRun({ catalog: left })).isClean, true);
    assert.is((await openRun({ catalog: left })).recovered[0]?.status, "crashed-recovered");
  }
});

for (const [title, checkpointsOf] of CONTRADICTIONS) {
  test(`a sealed log that ${title} is not read, and verify says so`, async () => {
    const catalog = remembering(await written("closed"), checkpointsOf);
    assert.is((await failureOf(readRun({ catalog }))).code, "TIDEMARK_CORRUPTED");
    const { findings, entriesScanned } = await verifyRun({ catalog });
    assert.ok(findings.some(({ kind }) => kind === "rolled-back"));
    assert.is(entriesScanned, 5);
  });

  test(`an unsealed log that ${title} is quarantined, and readable after that`, async () => {
    const memory = await written("left");
    const catalog = remembering(memory, checkpointsOf);
    assert.is((await failureOf(readRun({ catalog }))).code, "TIDEMARK_CORRUPTED");
    const run = await openRun({ catalog });
    const [manifest] = run.recovered;
    assert.equal([manifest?.status, manifest?.highWatermark], ["quarantined", 5]);
    assert.is(run.manifest.parentRunId, undefined);
    const reader = await readRun({ catalog, runId: manifest?.runId ?? "" });
    assert.is((await reader.entryAt(5))?.seq, 5);
    const { findings } = await verifyRun({ catalog, runId: manifest?.runId ?? "" });
    assert.equal(
      findings.map(({ kind }) => kind),
      ["rolled-back"],
    );
  });
}

test("what was remembered after the last look at a live log is no contradiction", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const behind = wrappedCatalog(catalog, {
    read: (log) => {
      let latest: Checkpoint | undefined;
      return overridden(log, {
        // The log was opened before this is committed, and looked at again after.
        checkpoints: async () => {
          await run.append(draftOf(1));
          const fresh = await catalog.read("default", run.runId);
          latest = headAt(fresh, 2);
          return { latest };
        },
      });
    },
  });
  const reader = await readRun({ catalog: behind });
  assert.is((await reader.entryAt(2))?.seq, 2);
});

test("damage at the head is told by who reads it, and is no rollback", async () => {
  const damages: readonly ((rows: readonly Row[]) => readonly Row[])[] = [
    (rows) => rows.map((row, at) => (at === 4 ? flipped(row, -1) : row)),
    (rows) => rows.map((row, at) => (at === 4 ? flipped(row, 0) : row)),
    (rows) => rows.slice(0, -1),
  ];
  for (const damage of damages) {
    const memory = await written("closed");
    const catalog = remembering(memory, (log) => ({ latest: headAt(log, 5) }), damage);
    const reader = await readRun({ catalog });
    assert.is((await reader.entryAt(4))?.seq, 4);
    await failureOf(lastValueFrom(reader.entries$({ from: 5 })));
    const { findings } = await verifyRun({ catalog });
    assert.ok(findings.length > 0);
    assert.not(findings.some(({ kind }) => kind === "rolled-back"));
  }
});

test("checkpoints that are missing or damaged are a finding, and reading goes on", async () => {
  const problem = "checkpoints.log is missing";
  const catalog = remembering(await written("closed"), () => ({ problem }));
  await (await readRun({ catalog })).close();
  assert.equal((await verifyRun({ catalog })).findings, [{ kind: "structure", reason: problem }]);
  const left = remembering(await written("left"), () => ({ problem }));
  assert.is((await openRun({ catalog: left })).recovered[0]?.status, "crashed-recovered");
});

test("a sealed run whose checkpoints end before its seal has a finding", async () => {
  for (const checkpointsOf of [
    (log: RunLog): Checkpoints => ({ latest: headAt(log, 4) }),
    (): Checkpoints => ({}),
  ]) {
    const catalog = remembering(await written("closed"), checkpointsOf);
    const { findings } = await verifyRun({ catalog });
    assert.equal(
      findings.map(({ kind }) => kind),
      ["structure"],
    );
    const left = remembering(await written("left"), checkpointsOf);
    assert.is((await verifyRun({ catalog: left })).isClean, true);
  }
});

test("checkpoints that cannot be read for another reason judge nothing", async () => {
  const memory = await written("left");
  const catalog = wrappedCatalog(memory, { recover: forgetful, read: forgetful });
  assert.is((await failureOf(readRun({ catalog }))).code, "TIDEMARK_DISK");
  assert.is((await failureOf(openRun({ catalog }))).code, "TIDEMARK_DISK");
  assert.is((await failureOf(verifyRun({ catalog }))).code, "TIDEMARK_DISK");
  assert.is((await memory.list())[0]?.manifest.status, "running");
});

function failing(): Observable<never> {
  return throwError(() => new DiskError("read failed", 5));
}

/** The log, with checkpoints that the disk does not give. */
function forgetful<Log extends RunLog>(log: Log): Log {
  return overridden(log, { checkpoints: failing } as unknown as Partial<Log>);
}

test("a sealed run whose log ends elsewhere than its manifest says is not read", async () => {
  const memory = await written("closed");
  for (const highWatermark of [4, 6]) {
    const logs: ServedLog[] = [];
    const catalog = wrappedCatalog(memory, {
      read: (log) => {
        const served = new ServedLog(log, { manifest: { highWatermark } });
        logs.push(served);
        return served;
      },
    });
    assert.is((await failureOf(readRun({ catalog }))).code, "TIDEMARK_CORRUPTED");
    assert.is(logs[0]?.isClosed, true);
    const { findings } = await verifyRun({ catalog });
    assert.equal(
      findings.map(({ kind }) => kind),
      ["manifest-mismatch"],
    );
  }
});

test("a log that cannot be opened is a finding, with what its manifest says", async () => {
  const memory = await written("closed");
  const catalog: RunCatalog = {
    ...wrappedCatalog(memory, {}),
    read: () => Promise.reject(new CorruptedError("page 3 is no page")),
  };
  const found: unknown[] = [];
  const report = await verifyRun({ catalog, onFinding: (finding) => found.push(finding) });
  const { findings, ...rest } = report;
  assert.equal(findings, [{ kind: "structure", reason: "page 3 is no page" }]);
  assert.equal(found, findings);
  assert.equal(rest, {
    runId: (await memory.list())[0]?.manifest.runId,
    status: "ended",
    highWatermark: 5,
    entriesScanned: 0,
    findingCount: 1,
    isClean: false,
  });
});

test("damage on the way to the frames is a finding, after what could be read", async () => {
  const catalog = wrappedCatalog(await written("closed"), {
    read: (log) => {
      const served = new ServedLog(log, {});
      return overridden(log, {
        framesFrom: (seq, options) =>
          seq > 3
            ? throwError(() => new CorruptedError("page 3 is no page"))
            : served.framesFrom(seq, options),
      });
    },
  });
  const report = await verifyRun({ catalog });
  assert.equal(report.findings, [{ kind: "structure", reason: "page 3 is no page" }]);
  assert.equal([report.entriesScanned, report.isClean], [3, false]);
});

test.run();
