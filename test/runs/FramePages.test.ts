import { of, firstValueFrom } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunLog } from "../../src/backends/Backend.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import type { Seq } from "../../src/model/entry.ts";
import { FramePages } from "../../src/runs/FramePages.ts";
import { ProofLoan } from "../../src/runs/ProofLoan.ts";
import { frameOf } from "../backends/lmdb/sampleFrames.ts";

const test = suite("FramePages");

const FRAMES = 4;

/** Keeps the thread running from one test to the next, which begins when it has nothing to do. */
const loan = new ProofLoan();
test.before.each(async () => {
  while (!(await loan.areProven([]))) await new Promise((resolve) => setImmediate(resolve));
});
test.after(() => loan.end());

/** A log of frames of ten entries, each of which is a page. */
class PagedLog {
  readonly frames: Uint8Array[];
  /** What it was asked for. */
  readonly asked: Seq[] = [];
  failure: Error | undefined;

  constructor() {
    let head = GENESIS;
    this.frames = Array.from({ length: FRAMES }, (_, at) => {
      const { bytes } = frameOf(1 + 10 * at, 10);
      head = sealFrame(bytes, head);
      return bytes;
    });
  }

  get log(): RunLog {
    return this as Partial<RunLog> as RunLog;
  }

  async framesFrom(seq: Seq): Promise<readonly Uint8Array[]> {
    this.asked.push(seq);
    if (this.failure !== undefined) throw this.failure;
    const frame = this.frames[Math.floor((seq - 1) / 10)];
    return frame === undefined ? [] : [frame];
  }

  /** Changes a byte of a payload. */
  damage(at: number): void {
    const bytes = this.frames[at] as Uint8Array;
    const payloadAt = Buffer.from(bytes).lastIndexOf("payload");
    bytes[payloadAt] = (bytes[payloadAt] as number) ^ 1;
  }
}

/** Which of the pages at some places are proven. */
async function proofsOf(pages: FramePages, seqs: readonly Seq[], end: Seq): Promise<boolean[]> {
  const proofs: boolean[] = [];
  for (const seq of seqs) {
    const { frames, proven } = await firstValueFrom(pages.pageFrom(seq, end));
    assert.is(frames.length, 1);
    proofs.push(proven === 1);
  }
  return proofs;
}

test("a short scan reads what it is asked for and proves nothing", async () => {
  const log = new PagedLog();
  const pages = new FramePages(log.log, false);
  assert.equal(await proofsOf(pages, [1, 11, 21, 31], 40), [false, false, false, false]);
  assert.equal(log.asked, [1, 11, 21, 31]);
  pages.end();
});

test("a long scan has each page but its first two read and proven ahead, once", async () => {
  const log = new PagedLog();
  const pages = new FramePages(log.log, false, 0);
  assert.equal(await proofsOf(pages, [1, 11, 21, 31], 40), [false, false, true, true]);
  assert.equal(log.asked, [1, 11, 21, 31]);
  pages.end();
});

test("a long scan in reverse is read ahead as well", async () => {
  const log = new PagedLog();
  const pages = new FramePages(log.log, true, 0);
  assert.equal(await proofsOf(pages, [40, 30, 20, 10], 1), [false, false, true, true]);
  assert.equal(log.asked, [40, 30, 20, 10]);
  pages.end();
});

test("a page with damage is not proven, and those around it are", async () => {
  const log = new PagedLog();
  log.damage(2);
  const pages = new FramePages(log.log, false, 0);
  assert.equal(await proofsOf(pages, [1, 11, 21, 31], 40), [false, false, false, true]);
  pages.end();
});

test("nothing behind the end is read ahead", async () => {
  const log = new PagedLog();
  const pages = new FramePages(log.log, false, 0);
  await proofsOf(pages, [1, 11], 20);
  assert.equal(log.asked, [1, 11]);
  pages.end();
});

test("what was read ahead is of no use to who goes on elsewhere", async () => {
  const log = new PagedLog();
  const pages = new FramePages(log.log, false, 0);
  assert.equal(await proofsOf(pages, [1, 11, 31], 40), [false, false, false]);
  assert.equal(log.asked, [1, 11, 21, 31]);
  pages.end();
});

test("who asks for a page that could not be read ahead is told why, and nobody before", async () => {
  const log = new PagedLog();
  const pages = new FramePages(log.log, false, 0);
  await proofsOf(pages, [1], 40);
  const page = firstValueFrom(pages.pageFrom(11, 40));
  log.failure = new Error("unreadable");
  assert.is((await page).frames.length, 1);
  const failure: unknown = await firstValueFrom(pages.pageFrom(21, 40)).catch(
    (error: unknown) => error,
  );
  assert.is(failure, log.failure);
  pages.end();
});

test("a log that answers in virtual time is never read ahead", () => {
  const log = new PagedLog();
  const asked: Seq[] = [];
  const virtual: Pick<RunLog, "framesFrom"> = {
    framesFrom: (seq) => {
      asked.push(seq);
      return of(log.frames.slice(0, 1));
    },
  };
  const pages = new FramePages(virtual as Partial<RunLog> as RunLog, false, 0);
  let answers = 0;
  for (const seq of [1, 11, 21]) pages.pageFrom(seq, 40).subscribe(() => (answers += 1));
  assert.is(answers, 3);
  assert.equal(asked, [1, 11, 21]);
  pages.end();
});

test("two scans share a thread, and one goes on when the other ends", async () => {
  const [one, other] = [new PagedLog(), new PagedLog()];
  const pages = new FramePages(one.log, false, 0);
  const others = new FramePages(other.log, false, 0);
  await proofsOf(pages, [1, 11], 40);
  // The thread has the page of the first scan: the second scan does without, and waits for nobody.
  assert.equal(await proofsOf(others, [1, 11, 21], 40), [false, false, false]);
  assert.equal(await proofsOf(pages, [21], 40), [true]);
  pages.end();
  pages.end();
  await proofsOf(others, [31], 40);
  others.end();
});

test("a scan does not wait for the thread to start", async () => {
  loan.end();
  const log = new PagedLog();
  const pages = new FramePages(log.log, false, 0);
  assert.equal(await proofsOf(pages, [1, 11, 21, 31], 40), [false, false, false, false]);
  pages.end();
});

test.run();
