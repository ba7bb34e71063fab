import { Writable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Output } from "../../src/cli/Output.ts";

const test = suite("Output");

/** A stream whose writes are answered by hand. */
function slowStream(): { stream: Writable; texts: string[]; answer: (error?: Error) => void } {
  const texts: string[] = [];
  const waiting: ((error?: Error | null) => void)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      texts.push(text);
      waiting.push(done);
    },
  });
  return { stream, texts, answer: (error) => waiting.shift()?.(error) };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test("gathers what is written until it is flushed", () => {
  const { stream, texts } = slowStream();
  const output = new Output(stream);
  output.write("a");
  output.write("b");
  assert.equal(texts, []);
  output.flush();
  assert.equal(texts, ["ab"]);
});

test("is full while a piece is on its way, and settles when it is out", async () => {
  const { stream, answer } = slowStream();
  const output = new Output(stream);
  output.write("x".repeat(70_000));
  assert.ok(output.isFull);
  let isSettled = false;
  const settled = output.settled().then(() => {
    isSettled = true;
  });
  await Promise.resolve();
  assert.not.ok(isSettled);
  answer();
  await settled;
  assert.not.ok(output.isFull);
});

test("is over when the reader has gone, which is no failure", async () => {
  const { stream, texts, answer } = slowStream();
  const output = new Output(stream);
  output.write("a");
  const settled = output.settled();
  answer(failure("EPIPE"));
  await settled;
  assert.ok(output.isOver);
  assert.is(output.failure, undefined);
  output.write("b");
  await output.settled();
  assert.equal(texts, ["a"]);
});

test("keeps any other failure", async () => {
  const { stream, answer } = slowStream();
  const output = new Output(stream);
  output.write("a");
  const settled = output.settled();
  answer(failure("ENOSPC"));
  await settled;
  assert.is(output.failure?.code, "ENOSPC");
});

test("settles when the stream is destroyed meanwhile", async () => {
  const { stream } = slowStream();
  const output = new Output(stream);
  output.write("a");
  const settled = output.settled();
  stream.destroy();
  await settled;
  assert.ok(output.isOver);
});

test("has no limit of columns without a terminal", () => {
  assert.is(new Output(slowStream().stream).columns, Infinity);
  const { stream } = slowStream();
  assert.is(new Output(Object.assign(stream, { isTTY: true, columns: 20 })).columns, 20);
  assert.is(new Output(Object.assign(stream, { isTTY: true, columns: 0 })).columns, 80);
});

test.run();
