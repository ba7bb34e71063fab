import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import { ProofThread } from "../../src/runs/ProofThread.ts";
import { SharedProofs, type Prover } from "../../src/runs/SharedProofs.ts";
import { frameOf } from "../backends/lmdb/sampleFrames.ts";
import { SOURCE_FLAGS } from "../support/nodeFlags.ts";

const test = suite("SharedProofs");

function sealed(isDamaged: boolean): Uint8Array {
  const { bytes } = frameOf(1, 10);
  sealFrame(bytes, GENESIS);
  if (isDamaged) bytes[bytes.length - 40] = (bytes[bytes.length - 40] as number) ^ 1;
  return bytes;
}

/** A thread as it is asked for here; answers when it is told to. */
class ScriptedThread implements Prover {
  static readonly started: ScriptedThread[] = [];
  answer: ((areProven: boolean) => void) | undefined;
  die: (() => void) | undefined;
  readonly ended: Promise<void>;
  #tellEnd: () => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    ScriptedThread.started.push(this);
  }

  get isBusy(): boolean {
    return this.answer !== undefined;
  }

  prove(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.answer = (areProven) => {
        this.answer = undefined;
        resolve(areProven);
      };
      this.die = () => {
        this.answer = undefined;
        reject(new Error("died"));
      };
    });
  }

  async end(): Promise<void> {
    this.#tellEnd();
  }
}

/** Lets promises settle. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function scripted(idleMs?: number): SharedProofs {
  ScriptedThread.started.length = 0;
  return new SharedProofs(idleMs, () => new ScriptedThread());
}

function thread(at: number): ScriptedThread {
  return ScriptedThread.started[at] as ScriptedThread;
}

test("tells what holds from what does not, on a thread", async () => {
  const shared = new SharedProofs(0);
  // Until it has started it proves nothing.
  assert.is(await shared.areProven([sealed(false)]), false);
  const real = new ProofThread();
  assert.is(await real.prove([sealed(false), sealed(false)]), true);
  assert.is(await real.prove([sealed(false), sealed(true)]), false);
  assert.is(await real.prove([sealed(false)]), true);
  await real.end();
});

test("asks the thread when it has started, and one question at a time", async () => {
  const shared = scripted();
  assert.is(await shared.areProven([]), false);
  thread(0).answer?.(true);
  await settled();
  const proof = shared.areProven([]);
  assert.is(await shared.areProven([]), false);
  thread(0).answer?.(true);
  assert.is(await proof, true);
  assert.is(ScriptedThread.started.length, 1);
});

test("does without a thread that cannot be started, and starts no other", async () => {
  let starts = 0;
  const shared = new SharedProofs(undefined, () => {
    starts += 1;
    throw new Error("no thread");
  });
  for (let turn = 0; turn < 3; turn += 1) assert.is(await shared.areProven([]), false);
  assert.is(starts, 1);
});

test("does without a thread that dies before it has started, and starts no other", async () => {
  const shared = scripted();
  assert.is(await shared.areProven([]), false);
  thread(0).die?.();
  await settled();
  assert.is(await shared.areProven([]), false);
  assert.is(ScriptedThread.started.length, 1);
});

test("starts another one where the thread has died of a question", async () => {
  const shared = scripted();
  await shared.areProven([]);
  thread(0).answer?.(true);
  await settled();
  const proof = shared.areProven([]);
  thread(0).die?.();
  assert.is(await proof, false);
  assert.is(await shared.areProven([]), false);
  assert.is(ScriptedThread.started.length, 2);
});

test("ends a thread that nobody asks, and starts another one for who comes then", async () => {
  const shared = scripted(1);
  await shared.areProven([]);
  thread(0).answer?.(true);
  // What waits for that holds no process.
  const held = setInterval(() => {}, 1_000);
  await thread(0).ended;
  clearInterval(held);
  assert.is(await shared.areProven([]), false);
  assert.is(ScriptedThread.started.length, 2);
});

test("a thread that has died answers with why", async () => {
  const real = new ProofThread();
  assert.is(await real.prove([]), true);
  await real.end();
  const failure: unknown = await real.prove([]).catch((error: unknown) => error);
  assert.instance(failure, Error);
});

test("a process that ends its thread while an answer is on its way runs to its end", async () => {
  const program = "test/runs/programs/endProofThread.ts";
  const { stdout } = await promisify(execFile)(process.execPath, [...SOURCE_FLAGS, program], {
    timeout: 30_000,
  });
  assert.is(stdout, "ended\n");
});

test.run();
