import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WriterThread } from "../../../src/backends/lmdb/WriterThread.ts";
import { BackendError, type TidemarkError } from "../../../src/model/errors.ts";
import { rejects } from "./rejection.ts";

const test = suite("WriterThread");

/** A thread that does this with each request. */
function threadThat(does: string): { thread: WriterThread; failures: TidemarkError[] } {
  const code = `
    const { parentPort } = require("node:worker_threads");
    const reply = (message) => parentPort.postMessage(message);
    parentPort.on("message", (request) => { ${does} });
  `;
  const thread = new WriterThread(new Worker(code, { eval: true }));
  const failures: TidemarkError[] = [];
  thread.onFailure = (failure) => failures.push(failure);
  return { thread, failures };
}

function append(thread: WriterThread): Promise<unknown> {
  const frame = new ArrayBuffer(8);
  return thread.request({ type: "append", frames: [frame] }, [frame]);
}

for (const [how, does] of [
  ["throws", "throw new Error('boom')"],
  ["exits", "process.exit(3)"],
] as const) {
  test(`a thread that ${how} while an answer is awaited gives a typed error, once`, async () => {
    const { thread, failures } = threadThat(does);
    const first = append(thread);
    const second = append(thread);
    const failure = await rejects(first, { code: "TIDEMARK_BACKEND" });
    assert.is(await rejects(second, {}), failure);
    assert.is(await rejects(append(thread), {}), failure);
    assert.equal(failures, [failure]);
    assert.is(thread.failure, failure);
  });
}

test("a failure that the thread tells ends everything that is awaited", async () => {
  const failed = { type: "failed", failure: { kind: "disk", message: "full", errno: 28 } };
  const { thread, failures } = threadThat(`reply(${JSON.stringify(failed)})`);
  const first = append(thread);
  const second = append(thread);
  const failure = await rejects(first, { code: "TIDEMARK_DISK", errno: 28 });
  assert.is(await rejects(second, {}), failure);
  assert.is(failures.length, 1);
});

test("a refusal is the answer to one request, and the next is answered", async () => {
  const refused = { type: "refused", failure: { kind: "out-of-order", seq: 5, highWatermark: 1 } };
  const { thread, failures } = threadThat(
    `reply(request.type === "append" ? ${JSON.stringify(refused)} : { type: "anchored" })`,
  );
  await rejects(append(thread), { code: "TIDEMARK_OUT_OF_ORDER", seq: 5, highWatermark: 1 });
  const anchor = { highWatermark: 0, blobRef: "b", contentHash: "c" };
  assert.equal(await thread.request({ type: "anchor", anchor }), { type: "anchored" });
  assert.is(failures.length, 0);
});

test("frames that cannot be handed over are refused, and nothing is awaited for them", async () => {
  const { thread, failures } = threadThat(`reply({ type: "committed", toSeq: 1, commitMs: 0 })`);
  const frame = new ArrayBuffer(8);
  const request = { type: "append", frames: [frame, frame] } as const;
  await rejects(thread.request(request, [frame, frame]), { code: "TIDEMARK_BACKEND" });
  assert.equal(await append(thread), { type: "committed", toSeq: 1, commitMs: 0 });
  assert.is(failures.length, 0);
});

test("a thread that was given up answers nothing any more", async () => {
  const { thread, failures } = threadThat("");
  const waiting = append(thread);
  const failure = new BackendError("given up");
  thread.fail(failure);
  assert.is(await rejects(waiting, {}), failure);
  thread.fail(new BackendError("again"));
  assert.equal(failures, [failure]);
});

test.run();
