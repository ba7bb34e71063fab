import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SOURCE_FLAGS } from "../support/nodeFlags.ts";

const test = suite("rejections that nobody handles");

const memoryRun = new URL("../../src/testing/memoryRun.ts", import.meta.url);

/** Runs a program with a `run` and a valid `draft`; unhandled rejections end it with code 1. */
function outcomeOf(options: string, body: string): { status: number | null; stderr: string } {
  const program = `
    import { memoryRun } from ${JSON.stringify(memoryRun.href)};
    const run = memoryRun(${options});
    const draft = { topic: "t", payloadType: "T", payload: "" };
    const anchor = { blobRef: "b", contentHash: "c" };
    ${body}
  `;
  const { status, stderr } = spawnSync(
    process.execPath,
    [...SOURCE_FLAGS, "--input-type=module", "-e", program],
    { encoding: "utf8", cwd: fileURLToPath(new URL("../..", import.meta.url)) },
  );
  return { status, stderr };
}

const FULL_DISK = `{ faults: [{ at: 1, fail: "disk" }] }`;

test("do not end the process where a halt rejected them: halt$ tells", () => {
  const { status, stderr } = outcomeOf(
    FULL_DISK,
    `run.append(draft); run.append(draft); run.recordSnapshotAnchor(anchor);
     await new Promise((resolve) => run.halt$.subscribe(resolve));
     run.submit(draft); run.append(draft); run.recordSnapshotAnchor(anchor); run.close();`,
  );
  assert.is(status, 0, stderr);
});

test("do not end the process where close or abandon rejected them", () => {
  const { status, stderr } = outcomeOf(
    `{ commitMs: 1, writer: { queueCapacity: 1 } }`,
    `for (let i = 0; i < 5; i += 1) run.append(draft);
     run.abandon();
     run.submit(draft); run.append(draft); run.recordSnapshotAnchor(anchor); run.close();`,
  );
  assert.is(status, 0, stderr);
});

for (const call of [
  `run.submit({ ...draft, topic: "" })`,
  `run.append({ ...draft, topic: "" })`,
  `run.recordSnapshotAnchor({ blobRef: "", contentHash: "c" })`,
]) {
  test(`end the process for what is invalid: ${call}`, () => {
    const { status, stderr } = outcomeOf("{}", `${call};`);
    assert.is(status, 1);
    assert.match(stderr, /TIDEMARK_INVALID/);
  });
}

test("end the process where append$ has no error handler and the draft is invalid", () => {
  const { status, stderr } = outcomeOf("{}", `run.append$({ ...draft, topic: "" }).subscribe();`);
  assert.is(status, 1);
  assert.match(stderr, /TIDEMARK_INVALID_ENTRY/);
});

test("leave no timer or handle that keeps a forgetful process alive", () => {
  const { status, stderr } = outcomeOf(
    "{}",
    `await run.append(draft); run.submit(draft); run.recordSnapshotAnchor(anchor);`,
  );
  assert.is(status, 0, stderr);
});

test.run();
