import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WriterRequest } from "../../../src/backends/lmdb/protocol.ts";
import { encodeRequest, RequestReader } from "../../../src/backends/lmdb/requests.ts";
import { throws } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("requests");
const MIB = 2 ** 20;

/** Gives a reader of these bytes, as a pipe would that is closed after them. */
async function reading(bytes: Uint8Array, step: (reader: RequestReader) => void): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "requests");
    writeFileSync(path, bytes);
    const file = openSync(path, "r");
    try {
      step(new RequestReader(file));
    } finally {
      closeSync(file);
    }
  });
}

const JSON_KIND = 0;
const APPEND_KIND = 1;

/** A request that says of itself what is given. */
function saying(kind: number, headBytes: number, bodyBytes: number, rest: Uint8Array): Buffer {
  const prefix = Buffer.from(Uint32Array.of(kind, headBytes, bodyBytes).buffer);
  return Buffer.concat([prefix, rest]);
}

/** An append of two bytes that says of its frames what is given. */
function saidAppend(lengths: readonly number[], headBytes = 4 * lengths.length): Buffer {
  const head = Buffer.from(Uint32Array.from(lengths).buffer).subarray(0, headBytes);
  return saying(APPEND_KIND, headBytes, 2, Buffer.concat([head, Buffer.from("xy")]));
}

test("every request arrives as it was made, and then there is no more", async () => {
  const view = Buffer.from("__view__").subarray(2, 6);
  const requests: readonly WriterRequest[] = [
    { type: "open", folder: "/a \ud800 ü\n", mode: "recover", runId: "1-0" },
    { type: "append", frames: [Uint8Array.of(1, 2, 3), view, new Uint8Array(0)] },
    { type: "append", frames: [] },
    { type: "append", frames: [new Uint8Array(9 * MIB).fill(7), Uint8Array.of(9)] },
    { type: "anchor", anchor: { highWatermark: 2 ** 53 - 1, blobRef: "\0", contentHash: "é" } },
    { type: "checkpoint" },
    { type: "seal" },
    { type: "close" },
  ];
  await reading(Buffer.concat(requests.flatMap(encodeRequest)), (reader) => {
    for (const request of requests) {
      const arrived = reader.next();
      if (request.type !== "append") {
        assert.equal(arrived, request);
        continue;
      }
      assert.ok(arrived?.type === "append");
      assert.is(arrived.frames.length, request.frames.length);
      for (const [at, frame] of request.frames.entries()) {
        assert.is(Buffer.compare(arrived.frames[at] ?? Buffer.of(0), frame), 0);
      }
    }
    assert.is(reader.next(), undefined);
  });
});

test("requests arrive whole wherever the memory for them ends", async () => {
  // Together they are more than what is kept, and none of them divides it.
  const sizes = Array.from({ length: 40 }, (_, at) => 300_001 + 7_919 * at);
  const requests = sizes.map((size, at) =>
    encodeRequest({ type: "append", frames: [new Uint8Array(size).fill(at + 1)] }),
  );
  await reading(Buffer.concat(requests.flat()), (reader) => {
    for (const [at, size] of sizes.entries()) {
      const request = reader.next();
      assert.ok(request?.type === "append");
      const [frame = Buffer.of(0)] = request.frames;
      assert.is(frame.byteLength, size);
      assert.ok(frame.every((byte) => byte === at + 1));
    }
    assert.is(reader.next(), undefined);
  });
});

test("the bytes of frames are handed on and not copied", () => {
  const frame = new Uint8Array(8);
  assert.is(encodeRequest({ type: "append", frames: [frame] })[1], frame);
});

test("a request that is cut off anywhere was never made", async () => {
  const whole = Buffer.concat(encodeRequest({ type: "append", frames: [Uint8Array.of(1, 2)] }));
  for (let bytes = 0; bytes < whole.byteLength; bytes += 1) {
    await reading(whole.subarray(0, bytes), (reader) => assert.is(reader.next(), undefined));
  }
});

test("no length is taken on trust", async () => {
  for (const bytes of [
    saying(JSON_KIND, MIB + 1, 0, Buffer.from("{")),
    saying(APPEND_KIND, 0, 512 * MIB + 1, Buffer.of()),
    saying(JSON_KIND, 2, 2, Buffer.from("{}xy")),
    saying(2, 2, 0, Buffer.from("{}")),
    saidAppend([3]),
    saidAppend([1, 1, 1]),
    saidAppend([1]),
    saidAppend([2 ** 32 - 1, 3]),
    saidAppend([2, 0], 6),
    saidAppend([]),
  ]) {
    await reading(bytes, (reader) => {
      throws(() => reader.next(), { code: "TIDEMARK_BACKEND" });
    });
  }
});

test("what is too large for one transaction is refused before anything is sent", () => {
  const frame = new Uint8Array(MIB);
  for (const frames of [
    Array.from({ length: 513 }, () => frame),
    Array.from({ length: 600_000 }, () => new Uint8Array(0)),
  ]) {
    throws(() => encodeRequest({ type: "append", frames }), { code: "TIDEMARK_BACKEND" });
  }
});

test.run();
