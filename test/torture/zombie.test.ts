import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HaltReason } from "../../src/index.ts";
import type { ChildProgram } from "../../torture/support/ChildProgram.ts";
import { WriterLog } from "../../torture/support/WriterLog.ts";
import {
  fenceFault,
  isOvertaken,
  judgeMeeting,
  refusalFault,
} from "../../torture/zombie/judgeMeeting.ts";
import type { Meeting } from "../../torture/zombie/meet.ts";

const test = suite("zombie");

const FENCED =
  'halt {"kind":"fenced","epoch":1,"foundEpoch":2,"lastDurableSeq":11,"lostEntries":0}';
const FIRST = ['open {"runId":"1-0","watermark":1,"recovered":[]}', "ack 11"];
const SECOND = [
  'open {"runId":"2-0","watermark":1,"recovered":[{"runId":"1-0","status":"crashed-recovered","highWatermark":11}]}',
];

async function logOf(lines: readonly string[]): Promise<WriterLog> {
  async function* said(): AsyncGenerator<string> {
    yield* lines;
  }
  const log = new WriterLog({ lines: said() } as unknown as ChildProgram);
  await log.read;
  return log;
}

async function meetingOf(halts: readonly string[], other: Partial<Meeting> = {}): Promise<Meeting> {
  return {
    first: await logOf([...FIRST, ...halts]),
    second: await logOf(SECOND),
    whom: "program",
    isBlind: true,
    isWriterStopped: false,
    isFirstThere: true,
    breaches: [],
    ...other,
  };
}

function haltBy(kind: HaltReason["kind"]): string {
  return `halt ${JSON.stringify({ kind, lastDurableSeq: 11, lostEntries: 0 })}`;
}

test("has nothing against a first that is fenced", async () => {
  const meeting = await meetingOf([FENCED]);
  assert.equal(judgeMeeting(meeting), []);
  assert.ok(isOvertaken(meeting));
});

test("lets nothing but the fence stop a first whose writer process was not stopped alone", async () => {
  for (const kind of ["commit-stall", "backpressure-stall", "backend-disk", "overflow"] as const) {
    const meeting = await meetingOf([haltBy(kind)]);
    assert.equal(judgeMeeting(meeting), [`the first halted by ${kind}`]);
  }
  const slept = await meetingOf([haltBy("commit-stall")], { whom: "writer", isFirstThere: false });
  assert.equal(judgeMeeting(slept), []);
  assert.not.ok(isOvertaken(slept));
});

test("objects to a first that goes on, halts twice, or acknowledges after its halt", async () => {
  for (const said of [[], [FENCED, FENCED], [FENCED, "ack 21"]]) {
    assert.is.not(judgeMeeting(await meetingOf(said)).length, 0);
  }
});

function refused(message: string): Promise<WriterLog> {
  return logOf([`failed ${JSON.stringify({ code: "TIDEMARK_BACKEND", message })}`]);
}

test("lets a second that is not seen be refused in the moment of a commit, and for nothing else", async () => {
  const met = await refused("LMDB would write transaction 7 after 7");
  assert.equal(judgeMeeting(await meetingOf([], { second: met })), []);
  const seen = judgeMeeting(await meetingOf([], { second: met, isBlind: false }));
  assert.match(seen.join(), /refused by TIDEMARK_BACKEND: LMDB would write/);
  const other = await refused("The environment did not open");
  assert.is(judgeMeeting(await meetingOf([], { second: other })).length, 1);
});

test("objects where more than a few of the unseen were refused in the moment of a commit", () => {
  assert.is(refusalFault(50, 5), undefined);
  assert.type(refusalFault(50, 6), "string");
  assert.is(refusalFault(3, 2), undefined);
  assert.type(refusalFault(3, 3), "string");
});

test("objects to a fence that stopped nobody of several who were overtaken", () => {
  assert.type(fenceFault(3, 0), "string");
  assert.is(fenceFault(3, 1), undefined);
  assert.is(fenceFault(0, 0), undefined);
});

test.run();
