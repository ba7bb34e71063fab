import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryFile } from "../../../src/backends/lmdb/MemoryFile.ts";
import { openWriterProcess } from "../../../src/backends/lmdb/openWriterProcess.ts";
import type { AnswerTo } from "../../../src/backends/lmdb/protocol.ts";
import { BackendError } from "../../../src/model/errors.ts";
import { rejects } from "./rejection.ts";
import { processThat } from "./scriptedWriter.ts";

const test = suite("MemoryFile");
const MIB = 2 ** 20;
const IN_PIPE = 1;
const IN_MEMORY = 2;

function filesInMemory(): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    const link = `/proc/self/fd/${descriptor}`;
    // That of the listing itself is gone.
    return existsSync(link) && readlinkSync(link).startsWith("/dev/shm/tidemark-");
  }).length;
}

// Where there are none, everything goes through the pipe: requests.test.
if (existsSync("/dev/shm")) {
  test("what is in memory stays there until the process has answered", async () => {
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
        [2, IN_PIPE],
        [3, IN_PIPE],
        [4, IN_MEMORY],
      ],
    );
    assert.is(filesInMemory(), 1);
    process.fail(new BackendError("enough"));
    assert.is(filesInMemory(), 0);
    assert.ok(await process.gone());
  });

  test("the file in memory goes with the process, and with one that cannot be started", async () => {
    const ended = `{ type: "ended", state: { epoch: 1, watermark: 0 } }`;
    const { process: closed } = processThat(`reply(${ended}); process.exit()`, MemoryFile.open());
    await closed.request({ type: "close" });
    assert.ok(await closed.gone());
    assert.is(filesInMemory(), 0);

    const { execPath } = process;
    process.execPath = "/nonexistent/node";
    try {
      const log = { folder: "/nonexistent", mode: "create", runId: "1-0" } as const;
      await rejects(
        openWriterProcess(log, () => {}),
        { code: "TIDEMARK_BACKEND", errno: 2 },
      );
    } finally {
      process.execPath = execPath;
    }
    assert.is(filesInMemory(), 0);
  });
}

test.run();
