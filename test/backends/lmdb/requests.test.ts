import { closeSync, fstatSync, openSync, readdirSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryFile } from "../../../src/backends/lmdb/MemoryFile.ts";
import type { WriterRequest } from "../../../src/backends/lmdb/protocol.ts";
import { encodeRequest, RequestReader } from "../../../src/backends/lmdb/requests.ts";
import { throws } from "./rejection.ts";
import { inSmallTmpfs } from "./smallDisk.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("requests");
const MIB = 2 ** 20;

/** Gives a reader of these bytes, as a pipe would that is closed after them, and what is in memory. */
async function reading(
  bytes: Uint8Array,
  step: (reader: RequestReader) => void,
  memory?: MemoryFile,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "requests");
    writeFileSync(path, bytes);
    const file = openSync(path, "r");
    try {
      step(new RequestReader(file, memory?.descriptor ?? file));
    } finally {
      closeSync(file);
    }
  });
}

async function withMemory(step: (memory: MemoryFile) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const memory = new MemoryFile(openSync(join(folder, "memory"), "wx+"));
    try {
      await step(memory);
    } finally {
      memory.close();
    }
  });
}

const JSON_KIND = 0;
const APPEND_KIND = 1;
const LARGE_APPEND_KIND = 2;
const LARGE_BYTES = 128 * 1024;
const FIRST_PLACE = 4 * 1024;
const TMPFS = 0x01_02_19_94;

/** An append that goes through memory where it can. */
function encodeAppend(frames: readonly Uint8Array[], memory: MemoryFile): readonly Uint8Array[] {
  return encodeRequest({ type: "append", frames }, memory.carry(frames));
}

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
  await reading(Buffer.concat(requests.flatMap((request) => encodeRequest(request))), (reader) => {
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

test("the frames of a large append go through memory, and all others through the pipe", async () => {
  await withMemory(async (memory) => {
    // Each takes the place of the one before, and the second one is shorter.
    for (const [size, isInMemory] of [
      [4 * MIB, true],
      [LARGE_BYTES, true],
      [LARGE_BYTES - 1, false],
      [4 * MIB + 1, false],
    ] as const) {
      const frames = [
        new Uint8Array(5).fill(size % 251),
        new Uint8Array(size - 5).fill(size % 253),
      ];
      const place = memory.carry(frames);
      const parts = encodeRequest({ type: "append", frames }, place);
      assert.is(parts.length === 1, isInMemory);
      const next = encodeRequest({ type: "seal" });
      await reading(
        Buffer.concat([...parts, ...next]),
        (reader) => {
          const request = reader.next();
          assert.ok(request?.type === "append");
          assert.equal(
            request.frames.map((frame) => Buffer.compare(frame, frames.shift() ?? Buffer.of())),
            [0, 0],
          );
          assert.is(request.isCarried === true, isInMemory);
          assert.equal(reader.next(), { type: "seal" });
        },
        memory,
      );
      if (place !== undefined) memory.release(place);
    }
  });
});

test("what has no room in memory goes through the pipe", async () => {
  const frames = [new Uint8Array(LARGE_BYTES).fill(1), new Uint8Array(MIB).fill(2)];
  // There is room for a part of it, and for nothing at all.
  for (const isFull of [false, true]) {
    const isMounted = await inSmallTmpfs(1, async ({ directory, fill }) => {
      const folder = dirname(directory);
      const memory = MemoryFile.open(folder);
      assert.ok(memory !== undefined);
      assert.equal(readdirSync(folder), []);
      const [small = Buffer.of()] = frames;
      const place = memory.carry([small]);
      assert.is(place, FIRST_PLACE);
      if (isFull) fill();
      // What it had taken is free again, but for what is still carried.
      assert.is(encodeAppend(frames, memory).length, 3);
      assert.is(fstatSync(memory.descriptor).size, FIRST_PLACE + 4 * MIB);
      memory.release(FIRST_PLACE);
      assert.is(encodeAppend(frames, memory).length, 3);
      assert.is(fstatSync(memory.descriptor).size, FIRST_PLACE);
      // Nor is there any for what is announced, where it is full.
      memory.announce(1);
      memory.close();
    });
    if (!isMounted) process.stdout.write("Skipped: nothing can be mounted\n");
  }
  await inTemporaryFolder(async (folder) => {
    assert.is(MemoryFile.open(join(folder, "nowhere")), undefined);
  });
  if (statfsSync(".").type !== TMPFS) assert.is(MemoryFile.open("."), undefined);
  await withMemory(async (memory) => {
    memory.close();
    assert.is(encodeAppend(frames, memory).length, 3);
  });
});

test("the next request is given early where it was announced, once, and else is not waited for", async () => {
  await withMemory(async (memory) => {
    const [first, second] = [1, 2].map((byte) => new Uint8Array(LARGE_BYTES).fill(byte));
    assert.ok(first !== undefined && second !== undefined);
    const requests = [
      encodeAppend([first], memory),
      encodeRequest({ type: "checkpoint" }),
      encodeAppend([second], memory),
    ];
    await reading(
      Buffer.concat(requests.flat()),
      (reader) => {
        assert.is(reader.early(), undefined);
        assert.is(reader.next()?.type, "append");
        assert.is(reader.early(), undefined);
        memory.announce(3);
        assert.equal(reader.early(), { type: "checkpoint" });
        assert.equal(reader.early(), { type: "checkpoint" });
        assert.equal(reader.next(), { type: "checkpoint" });
        const early = reader.early();
        assert.ok(early?.type === "append");
        assert.is(Buffer.compare(early.frames[0] ?? Buffer.of(), second), 0);
        assert.is(reader.next(), early);
        assert.is(reader.early(), undefined);
        assert.is(reader.next(), undefined);
      },
      memory,
    );
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
    saying(3, 2, 0, Buffer.from("{}")),
    saying(LARGE_APPEND_KIND, 8, 4 * MIB + 1, Buffer.from(Uint32Array.of(0, 4 * MIB + 1).buffer)),
    saying(LARGE_APPEND_KIND, 8, 64, Buffer.from(Uint32Array.of(0, 64).buffer)),
    saying(LARGE_APPEND_KIND, 2, 64, Buffer.from(Uint32Array.of(0).buffer)),
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
