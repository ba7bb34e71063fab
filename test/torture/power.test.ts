import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HaltReason } from "../../src/index.ts";
import { controlFault } from "../../torture/loopDisk/controlFault.ts";
import type { CutReport } from "../../torture/loopDisk/cutWriter.ts";
import { tallyReport } from "../../torture/loopDisk/tallyReport.ts";
import { Tally } from "../../torture/support/Tally.ts";
import type { WriterLog } from "../../torture/support/WriterLog.ts";

const test = suite("power");

const DURABLE = { lastDurableSeq: 11, lostEntries: 0 };
const EIO: HaltReason = { kind: "backend-disk", message: "EIO: i/o error", code: 5, ...DURABLE };
const BEFORE = {
  runId: "1-0",
  acknowledged: 11,
  halt: undefined,
  closed: undefined,
  failure: undefined,
};

function breachesOf(said: Partial<WriterLog>): readonly string[] {
  const log = { ...BEFORE, halts: said.halt === undefined ? 0 : 1, ...said } as WriterLog;
  const report: CutReport = {
    log,
    before: BEFORE,
    ending: { exit: 0, stderr: "" },
    survivors: [],
  };
  const tally = new Tally();
  tallyReport(0, tally, report);
  return tally.breaches;
}

test("has nothing against a writer that names the disk with the kernel's number", () => {
  assert.equal(breachesOf({ halt: EIO }), []);
  assert.equal(breachesOf({ failure: { code: "TIDEMARK_DISK", errno: 5, message: "" } }), []);
});

test("has nothing against a writer that tells what its process died of", () => {
  const message = "The writer process was ended by SIGBUS";
  assert.equal(breachesOf({ halt: { kind: "backend-error", message, ...DURABLE } }), []);
  assert.equal(breachesOf({ failure: { code: "TIDEMARK_BACKEND", message } }), []);
});

test("objects to another number, to none, and to a gone disk that is called slow or a bug", () => {
  const { code: _, ...unnumbered } = EIO;
  const halts: readonly HaltReason[] = [
    { ...EIO, code: 28 },
    unnumbered,
    { kind: "commit-stall", stalledForMs: 3_000, thresholdMs: 3_000, ...DURABLE },
    { kind: "backend-error", message: "EIO: i/o error", code: 5, ...DURABLE },
  ];
  for (const halt of halts) assert.is(breachesOf({ halt }).length, 1, halt.kind);
  for (const failure of [
    { code: "TIDEMARK_DISK", message: "" },
    { code: "TIDEMARK_BACKEND", errno: 5, message: "" },
  ]) {
    assert.is(breachesOf({ failure }).length, 1, failure.code);
  }
});

test("objects to a second halt, and to an acknowledgement after the halt", () => {
  assert.is(breachesOf({ halt: EIO, halts: 2 }).length, 1);
  assert.is(breachesOf({ halt: EIO, acknowledged: 21, acknowledgedAtHalt: 11 }).length, 1);
});

test("objects to controls that lose too little, and to having none", () => {
  assert.is(controlFault({ all: 10, losing: 9 }), undefined);
  assert.type(controlFault({ all: 10, losing: 8 }), "string");
  assert.type(controlFault({ all: 0, losing: 0 }), "string");
});

test.run();
