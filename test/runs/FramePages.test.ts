import { of, firstValueFrom } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import type { Seq } from "../../src/model/entry.ts";
import { FramePages, type FrameSource } from "../../src/runs/FramePages.ts";
import { SharedProofs } from "../../src/runs/SharedProofs.ts";
import { startedProofs } from "./support/startedProofs.ts";
import { frameOf } from "../backends/lmdb/sampleFrames.ts";

const test = suite("FramePages");

const FRAMES = 4;

/** The thread of these tests, which begin when it has nothing to do. */
const proofs = startedProofs();
test.before.each(() => proofs.idle());
test.after(() => proofs.end());

function pagesOf(log: FrameSource, isReverse = false): FramePages {
  return new FramePages(log, { isReverse, aloneBytes: 0, shared: proofs.shared });
}

/** A log of frames of ten entries, each of which is a page. */
class PagedLog implements FrameSource {
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
  const pages = new FramePages(log, { shared: proofs.shared });
  assert.equal(await proofsOf(pages, [1, 11, 21, 31], 40), [false, false, false, false]);
  assert.equal(log.asked, [1, 11, 21, 31]);
  pages.end();
});

test("a long scan has each page but its first two read and proven ahead, once", async () => {
  const log = new PagedLog();
  const pages = pagesOf(log);
  assert.equal(await proofsOf(pages, [1, 11, 21, 31], 40), [false, false, true, true]);
  assert.equal(log.asked, [1, 11, 21, 31]);
  pages.end();
});

test("a long scan in reverse is read ahead as well", async () => {
  const log = new PagedLog();
  const pages = pagesOf(log, true);
  assert.equal(await proofsOf(pages, [40, 30, 20, 10], 1), [false, false, true, true]);
  assert.equal(log.asked, [40, 30, 20, 10]);
  pages.end();
});

test("a page with damage is not proven, and those around it are", async () => {
  const log = new PagedLog();
  log.damage(2);
  const pages = pagesOf(log);
  assert.equal(await proofsOf(pages, [1, 11, 21, 31], 40), [false, false, false, true]);
  pages.end();
});

test("nothing behind the end is read ahead", async () => {
  const log = new PagedLog();
  const pages = pagesOf(log);
  await proofsOf(pages, [1, 11], 20);
  assert.equal(log.asked, [1, 11]);
  pages.end();
});

test("what was read ahead is of no use to who goes on elsewhere", async () => {
  const log = new PagedLog();
  const pages = pagesOf(log);
  assert.equal(await proofsOf(pages, [1, 11, 31], 40), [false, false, false]);
  assert.equal(log.asked, [1, 11, 21, 31]);
  pages.end();
});

test("who asks for a page that could not be read ahead is told why, and nobody before", async () => {
  const log = new PagedLog();
  const pages = pagesOf(log);
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
  const virtual: FrameSource = {
    framesFrom: (seq) => {
      asked.push(seq);
      return of(log.frames.slice(0, 1));
    },
  };
  const pages = pagesOf(virtual);
  let answers = 0;
  for (const seq of [1, 11, 21]) pages.pageFrom(seq, 40).subscribe(() => (answers += 1));
  assert.is(answers, 3);
  assert.equal(asked, [1, 11, 21]);
  pages.end();
});

test("of two scans the one that finds the thread busy goes on without, and has it later", async () => {
  const [one, other] = [new PagedLog(), new PagedLog()];
  const [pages, others] = [pagesOf(one), pagesOf(other)];
  await proofsOf(pages, [1, 11], 40);
  assert.equal(await proofsOf(others, [1, 11, 21], 40), [false, false, false]);
  assert.equal(await proofsOf(pages, [21], 20), [true]);
  pages.end();
  await proofs.idle();
  assert.equal(await proofsOf(others, [1, 11], 40), [false, true]);
  others.end();
});

test("a scan does not wait for the thread to start", async () => {
  const shared = new SharedProofs();
  const pages = new FramePages(new PagedLog(), { aloneBytes: 0, shared });
  assert.equal(await proofsOf(pages, [1, 11, 21, 31], 40), [false, false, false, false]);
  pages.end();
});

test("what ends while a page is read ahead reads nothing more", async () => {
  const log = new PagedLog();
  const pages = pagesOf(log);
  await proofsOf(pages, [1], 40);
  const page = firstValueFrom(pages.pageFrom(11, 40));
  pages.end();
  assert.is((await page).frames.length, 1);
  assert.equal(log.asked, [1, 11]);
});

test.run();
