import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { MemoryFile } from "../../../src/backends/lmdb/MemoryFile.ts";
import { openWriterProcess } from "../../../src/backends/lmdb/openWriterProcess.ts";
import type { AnswerTo } from "../../../src/backends/lmdb/protocol.ts";
import { decodeFrame } from "../../../src/format/decodeFrame.ts";
import { BackendError } from "../../../src/model/errors.ts";
import { rejects } from "./rejection.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { processThat } from "./scriptedWriter.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("MemoryFile");
const MIB = 2 ** 20;
const FIRST_PLACE = 4 * 1_024;
const SECOND_PLACE = FIRST_PLACE + 4 * MIB;
const IN_PIPE = 1;
const IN_MEMORY = 2;
const AWAITS = 9;

/** How many requests a scripted process is told of, and the same once it is told of one at all. */
const TOLD = `
  const told = () => {
    const bytes = Buffer.alloc(8);
    fs.readSync(4, bytes, 0, 8, 0);
    return bytes.readDoubleLE(0);
  };
  const isTold = () => {
    const limit = Date.now() + 10_000;
    while (told() === 0 && Date.now() < limit);
    return told();
  };
`;

/** Where a path would lead to them, had they one. */
const NAMELESS = /^\/dev\/shm\/tidemark-[0-9a-f-]{36} \(deleted\)$/;

/** The bytes of each file in memory that is open. */
function filesInMemory(): readonly number[] {
  return readdirSync("/proc/self/fd")
    .map((descriptor) => `/proc/self/fd/${descriptor}`)
    .filter((link) => NAMELESS.test(targetOf(link)))
    .map((link) => statSync(link).size);
}

/** Nothing for that of the listing itself, which is gone. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

// Where there are none, everything goes through the pipe: requests.test.
if (existsSync("/dev/shm")) {
  test("two commits have room in memory, and what is there stays until the process has answered", async () => {
    const committed = `{ type: "committed", toSeq: body[0], commitMs: 0, txnid: kind }`;
    const { process } = processThat(`reply(${committed})`, MemoryFile.open());
    const ask = (byte: number): Promise<unknown> =>
      process.request({ type: "append", frames: [new Uint8Array(MIB).fill(byte)] });
    const told = (await Promise.all([ask(1), ask(2), ask(3)])) as AnswerTo<"append">[];
    const last = (await ask(4)) as AnswerTo<"append">;
    assert.equal(
      [...told, last].map(({ toSeq, txnid }) => [toSeq, txnid]),
      [
        [1, IN_MEMORY],
        [2, IN_MEMORY],
        [3, IN_PIPE],
        [4, IN_MEMORY],
      ],
    );
    assert.equal(filesInMemory(), [SECOND_PLACE + MIB]);
    process.fail(new BackendError("enough"));
    assert.equal(filesInMemory(), []);
    assert.ok(await process.gone());
  });

  test("a process is told in memory that a request is there already, and of no other", async () => {
    // It may have read the request before it is told of it: there it waits for that.
    const committed = `{ type: "committed", toSeq: body[0] === ${AWAITS} ? isTold() : told(), commitMs: 0, txnid: kind }`;
    const { process } = processThat(`${TOLD}; reply(${committed})`, MemoryFile.open());
    const ask = (bytes: number, byte = 0): Promise<AnswerTo<"append">> =>
      process.request({ type: "append", frames: [new Uint8Array(bytes).fill(byte)] });
    const seen: number[] = [];
    seen.push((await ask(MIB)).toSeq);
    seen.push(...(await Promise.all([ask(10), ask(10)])).map(({ toSeq }) => toSeq));
    const [, ahead] = await Promise.all([ask(MIB), ask(MIB, AWAITS)]);
    seen.push(ahead.toSeq, (await ask(MIB)).toSeq);
    assert.equal(seen, [0, 0, 0, 5, 5]);
    process.fail(new BackendError("enough"));
    assert.ok(await process.gone());
  });

  test("the file in memory goes with the process, and with one that cannot be started", async () => {
    const ended = `{ type: "ended", state: { epoch: 1, watermark: 0 } }`;
    const { process: closed } = processThat(`reply(${ended}); process.exit()`, MemoryFile.open());
    await closed.request({ type: "close" });
    assert.ok(await closed.gone());
    assert.equal(filesInMemory(), []);

    const { execPath } = process;
    // The one fails when it is started, the other cannot even be tried.
    for (const path of ["/nonexistent/node", "/no\0node"]) {
      process.execPath = path;
      try {
        const log = { folder: "/nonexistent", mode: "create", runId: "1-0" } as const;
        await rejects(
          openWriterProcess(log, () => {}),
          { code: "TIDEMARK_BACKEND" },
        );
      } finally {
        process.execPath = execPath;
      }
      assert.equal(filesInMemory(), []);
    }
  });

  test("a commit of a run goes through memory, as it is", async () => {
    await inTemporaryFolder(async (directory) => {
      const lease = await lmdbCatalog({ directory }).acquire("desk-1");
      const backend = await lease.create(manifestOf(1n));
      // More pieces than the system takes in one call.
      const payloads = Array.from({ length: 1_200 }, () => randomBytes(1_024));
      const frames = payloads.map((payload, n) => frameOf(n + 1, 1, { payload }));
      const bytes = frames.reduce((sum, frame) => sum + frame.bytes.byteLength, 0);
      await backend.append(frames);
      assert.equal(filesInMemory(), [FIRST_PLACE + bytes]);
      for (const n of [0, 1, 600, 1_199]) {
        const [frame = Buffer.of()] = (await backend.framesFrom(n + 1)) as Uint8Array[];
        const stored = decodeFrame(frame).entryAt(n + 1)?.payload ?? Buffer.of();
        assert.is(Buffer.compare(stored, payloads[n] ?? Buffer.of(1)), 0);
      }
      await backend.close();
      await lease.release();
      assert.equal(filesInMemory(), []);
    });
  });
}

test.run();
