import { suite } from "uvu";
import * as assert from "uvu/assert";
import { draftReaderOf } from "../../src/cli/draftOfLine.ts";
import { LineRecorder } from "../../src/cli/LineRecorder.ts";
import {
  InvalidConfigError,
  InvalidEntryError,
  type HaltedError,
  type Run,
  type Seq,
} from "../../src/index.ts";
import { marbles, memoryRun } from "tidemark/testing";

const test = suite("LineRecorder");

const VALID = Buffer.from('{"topic":"t","payloadType":"p","payload":"x"}');

function recorderOf(run: Run): { recorder: LineRecorder; told: [number, Seq | string][] } {
  const told: [number, Seq | string][] = [];
  const tell = (line: number, what: Seq | string): void => {
    told.push([line, what]);
  };
  const toDraft = draftReaderOf(undefined, undefined);
  return { recorder: new LineRecorder({ run, toDraft, onAccepted: tell, onBadLine: tell }), told };
}

test("hands lines in without waiting while there is room", () => {
  const { recorder, told } = recorderOf(memoryRun());
  assert.is(recorder.take({ number: 1, bytes: VALID }), undefined);
  assert.is(recorder.take({ number: 3, bytes: VALID }), undefined);
  assert.equal(told, [
    [1, 1],
    [3, 2],
  ]);
  assert.is(recorder.entries, 2);
});

test("waits for a commit where there is no room, however long it takes", async () => {
  const run = memoryRun({
    commitMs: 20,
    writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 1 },
  });
  const { recorder, told } = recorderOf(run);
  for (const number of [1, 2, 3, 4]) await recorder.take({ number, bytes: VALID });
  assert.equal(
    told.map(([, seq]) => seq),
    [1, 2, 3, 4],
  );
  // Waiting in the run's own line for longer than a millisecond would have halted it.
  assert.is((await run.close()).highWatermark, 5);
});

test("stands in nobody's line while it waits", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 300, writer: { queueCapacity: 1, maxBatchEntries: 1 } });
    const { recorder } = recorderOf(run);
    for (const number of [1, 2, 3]) void recorder.take({ number, bytes: VALID });
    expectObservable(run.halt$).toBe("-");
  });
});

test("rejects with the halt where the run halts meanwhile", async () => {
  const run = memoryRun({
    faults: [{ at: 1, fail: "disk" }],
    commitMs: 1,
    writer: { queueCapacity: 1, maxBatchEntries: 1 },
  });
  const { recorder } = recorderOf(run);
  for (const number of [1, 2]) void recorder.take({ number, bytes: VALID });
  const failure = await recorder
    .take({ number: 3, bytes: VALID })
    ?.catch((error: HaltedError) => error.reason.kind);
  assert.is(failure, "backend-disk");
});

test("tells what is wrong with a line and goes on", async () => {
  const { recorder, told } = recorderOf(memoryRun());
  for (const [number, bytes] of [
    undefined,
    Buffer.from("{"),
    Uint8Array.of(0x22, 0xff, 0x22),
    Buffer.from("[]"),
  ].entries()) {
    await recorder.take({ number, ...(bytes === undefined ? {} : { bytes }) });
  }
  await recorder.take({ number: 4, bytes: VALID });
  assert.is(recorder.badLines, 4);
  assert.is(recorder.entries, 1);
  assert.equal(
    told.map(([line]) => line),
    [0, 1, 2, 3, 4],
  );
  assert.match(String(told[0]?.[1]), /longer than 90264918 bytes/);
});

test("takes the bytes of a line as the payload where topic and type are given", () => {
  const bytes = Uint8Array.of(0xff, 0x00);
  assert.equal(draftReaderOf("t", "p")(bytes), { topic: "t", payloadType: "p", payload: bytes });
});

test("refuses a topic without a type, and one under which nothing can be recorded", () => {
  for (const [topic, type] of [
    ["t", undefined],
    [undefined, "p"],
  ]) {
    assert.throws(
      () => draftReaderOf(topic, type),
      (error: unknown) => error instanceof InvalidConfigError,
    );
  }
  assert.throws(
    () => draftReaderOf("run.lifecycle.X", "p"),
    (error: unknown) => error instanceof InvalidEntryError && error.field === "topic",
  );
});

test.run();
