import { suite } from "uvu";
import * as assert from "uvu/assert";
import { draftReaderOf } from "../../src/cli/draftOfLine.ts";
import { LineRecorder } from "../../src/cli/LineRecorder.ts";
import { ClosedError, InvalidConfigError, InvalidEntryError, type Seq } from "../../src/index.ts";

const test = suite("LineRecorder");

const VALID = Buffer.from('{"topic":"t","payloadType":"p","payload":"x"}');

/** A run with so much room; who waits in line for more is let in by hand. */
class NarrowRun {
  accepted: Seq = 1;
  room: number;
  letIn: (() => void) | undefined;
  refuse: ((error: Error) => void) | undefined;

  constructor(room: number) {
    this.room = room;
  }

  offer(): boolean {
    if (this.room === 0) return false;
    this.room -= 1;
    this.accepted += 1;
    return true;
  }

  submit(): Promise<Seq> {
    return new Promise((resolve, reject) => {
      this.refuse = reject;
      this.letIn = () => {
        this.accepted += 1;
        resolve(this.accepted);
      };
    });
  }
}

function recorderOf(run: NarrowRun): { recorder: LineRecorder; told: [number, Seq | string][] } {
  const told: [number, Seq | string][] = [];
  const tell = (line: number, what: Seq | string): void => {
    told.push([line, what]);
  };
  const toDraft = draftReaderOf(undefined, undefined);
  return { recorder: new LineRecorder({ run, toDraft, onAccepted: tell, onBadLine: tell }), told };
}

test("hands lines in without waiting while there is room", () => {
  const { recorder, told } = recorderOf(new NarrowRun(2));
  assert.is(recorder.take({ number: 1, bytes: VALID }), undefined);
  assert.is(recorder.take({ number: 3, bytes: VALID }), undefined);
  assert.equal(told, [
    [1, 2],
    [3, 3],
  ]);
  assert.is(recorder.entries, 2);
});

test("waits in line where there is no room", async () => {
  const run = new NarrowRun(0);
  const { recorder, told } = recorderOf(run);
  const room = recorder.take({ number: 1, bytes: VALID });
  assert.ok(room instanceof Promise);
  assert.equal(told, []);
  run.letIn?.();
  await room;
  assert.equal(told, [[1, 2]]);
});

test("rejects where the run refuses for another reason than the line", async () => {
  const run = new NarrowRun(0);
  const { recorder } = recorderOf(run);
  const room = recorder.take({ number: 1, bytes: VALID });
  run.refuse?.(new ClosedError());
  const code = await room?.catch((error: ClosedError) => error.code);
  assert.is(code, "TIDEMARK_CLOSED");
  assert.is(recorder.entries, 0);
});

test("tells what is wrong with a line and goes on", async () => {
  const { recorder, told } = recorderOf(new NarrowRun(9));
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
  assert.match(String(told[0]?.[1]), /longer than 22435158 bytes/);
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
