import { config, firstValueFrom, toArray } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Clock } from "../../src/model/Clock.ts";
import type { RunManifest } from "../../src/model/manifest.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { watched } from "./support/watched.ts";

const test = suite("calling back into a writer");

/** A subscriber that throws whatever it hears. */
function throwing(what: string): () => never {
  return () => {
    throw new Error(what);
  };
}

test("a submit within watermark$ is committed next, and everyone sees one commit after the other", () => {
  marbles(({ flush }) => {
    const run = memoryRun();
    run.watermark$.subscribe((seq) => {
      if (seq > 0 && seq < 4) run.submissions.next(draftOf(seq));
    });
    const log = watched(run);
    run.offer(draftOf(0));
    flush();
    assert.equal(log.slice(2), [
      "0 watermark 1 1",
      "0 commit 1..1 1idle",
      "0 watermark 2 2",
      "0 commit 2..2 1idle",
      "0 watermark 3 3",
      "0 commit 3..3 1idle",
      "0 watermark 4 4",
      "0 commit 4..4 1idle",
    ]);
  });
});

test("a full batch offered within watermark$ is told after everyone has the current value", () => {
  marbles(({ flush }) => {
    // Each offer is a batch that fills the queue, and so goes out at once, and the backend answers at
    // once: nothing but the writer keeps order.
    const run = memoryRun({ writer: { maxBatchEntries: 1, queueCapacity: 1 } });
    const logs: string[][] = [[], []];
    run.watermark$.subscribe((seq) => {
      logs[0]?.push(`in ${seq}`);
      if (seq < 5) assert.is(run.offer(draftOf(seq)), true);
      assert.is(run.watermark, seq);
      logs[0]?.push(`out ${seq}`);
    });
    run.watermark$.subscribe((seq) => logs[1]?.push(`in ${seq}`, `out ${seq}`));
    flush();
    const expected = [0, 1, 2, 3, 4, 5].flatMap((seq) => [`in ${seq}`, `out ${seq}`]);
    assert.equal(logs[0], expected);
    // The second one came when the first had its replay and all that followed from it.
    assert.equal(logs[1], expected.slice(-2));
  });
});

test("an offer within commits$ finds the watermark of that commit", () => {
  marbles(({ flush }) => {
    const run = memoryRun({ writer: { maxBatchEntries: 1 } });
    const log: string[] = [];
    run.commits$.subscribe(({ toSeq }) => {
      if (toSeq < 3) run.offer(draftOf(toSeq));
      log.push(`${toSeq} watermark ${run.watermark} accepted ${run.accepted}`);
    });
    run.commits$.subscribe(({ toSeq }) => log.push(`second ${toSeq}`));
    run.offer(draftOf(0));
    flush();
    assert.equal(log, [
      "1 watermark 1 accepted 2",
      "second 1",
      "2 watermark 2 accepted 3",
      "second 2",
      "3 watermark 3 accepted 3",
      "second 3",
    ]);
  });
});

test("an append within pressure$ gets the seq of its own entry", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({
      commitMs: 1,
      writer: { queueCapacity: 4, maxBatchEntries: 2, maxBatchBytes: 300, haltThresholdMs: 1_000 },
    });
    const seqs: string[] = [];
    let next = 0;
    const append = (): void => {
      next += 1;
      const item = next;
      run.append$(draftOf(item)).subscribe((seq) => seqs.push(`${seq} is ${item}`));
    };
    run.pressure$.subscribe(() => {
      if (next < 60) append();
    });
    for (let ms = 0; ms < 20; ms += 1) scheduler.schedule(append, ms);
    flush();
    const read: string[] = [];
    run
      .entries$()
      .subscribe(({ seq, payload }) => read.push(`${seq} is ${Buffer.from(payload).toString()}`));
    assert.ok(next > 25, `${next} appends`);
    assert.equal(seqs, read);
  });
});

test("what pressure$ makes a subscriber hand in has the seq of its place", () => {
  marbles(({ flush }) => {
    const run = memoryRun({
      commitMs: 1,
      writer: { queueCapacity: 4, flushWhenIdle: false, maxBatchWaitMs: 3, maxBatchEntries: 3 },
    });
    let extra = 100;
    run.pressure$.subscribe(() => {
      if (extra < 120) run.submissions.next(draftOf((extra += 1)));
    });
    for (let item = 1; item <= 9; item += 1) run.submissions.next(draftOf(item));
    flush();
    const read: string[] = [];
    run
      .entries$()
      .subscribe(({ seq, payload }) => read.push(`${seq} ${Buffer.from(payload).toString()}`));
    const own = read.map((line) => Number(line.split(" ")[1])).filter((item) => item < 100);
    const extras = read.map((line) => Number(line.split(" ")[1])).filter((item) => item > 100);
    assert.equal(own, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(
      extras,
      extras.toSorted((a, b) => a - b),
    );
    assert.ok(extras.length > 3);
    assert.is(run.watermark, own.length + extras.length);
  });
});

test("a close within watermark$ closes", async () => {
  const run = memoryRun();
  const closed = new Promise((resolve) => {
    run.watermark$.subscribe((seq) => {
      if (seq === 1) resolve(run.close());
    });
  });
  run.offer(draftOf(1));
  assert.is(((await closed) as { status: string }).status, "ended");
});

test("a close within what a close raises gets the promise of that close", async () => {
  const run = memoryRun();
  let within: Promise<RunManifest> | undefined;
  run.watermark$.subscribe((seq) => {
    if (seq === 1) within = run.close();
  });
  const closed = run.close();
  assert.is(within, closed);
  assert.is(run.close(), closed);
  assert.is((await closed).status, "ended");
});

test("a close within halt$ rejects with HALTED, and an abandon there resolves", async () => {
  const run = memoryRun({ faults: [{ at: 1, fail: "disk" }] });
  const calls = new Promise<readonly [Promise<unknown>, Promise<void>]>((resolve) => {
    run.halt$.subscribe(() => resolve([run.close(), run.abandon()]));
  });
  run.offer(draftOf(1));
  const [closing, abandoning] = await calls;
  assert.is((await failureOf(closing)).code, "TIDEMARK_HALTED");
  assert.is(await abandoning, undefined);
});

test("an append in the completion of watermark$ finds the writer closed", () => {
  marbles(({ flush }) => {
    const run = memoryRun();
    const log: string[] = [];
    run.watermark$.subscribe({
      complete: () => {
        run.append$(draftOf(1)).subscribe({ error: ({ code }) => log.push(code) });
      },
    });
    void run.close();
    flush();
    assert.equal(log, ["TIDEMARK_CLOSED"]);
  });
});

test("an abandon within append$ still commits what was accepted", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 2, writer: { maxBatchEntries: 1 } });
    run.append$(draftOf(1)).subscribe(() => void run.abandon());
    scheduler.schedule(() => run.offer(draftOf(2)), 1);
    const log = watched(run);
    flush();
    assert.equal(log.at(-1), "4 pressure |");
    assert.is(run.watermark, 2);
  });
});

test("a subscriber that throws harms neither the writer nor another subscriber", async () => {
  const { onUnhandledError } = config;
  const streams = ["append$", "commits$", "halt$", "pressure$", "watermark$"];
  const unhandled = new Set<string>();
  // RxJS reports what a subscriber throws in a timer of its own.
  const allReported = new Promise<void>((resolve) => {
    config.onUnhandledError = (error: Error) => {
      unhandled.add(error.message);
      if (unhandled.size === streams.length) resolve();
    };
  });
  try {
    const run = memoryRun();
    run.watermark$.subscribe(throwing("watermark$"));
    run.commits$.subscribe(throwing("commits$"));
    run.pressure$.subscribe(throwing("pressure$"));
    const seen: number[] = [];
    run.watermark$.subscribe((seq) => seen.push(seq));
    run.append$(draftOf(1)).subscribe(throwing("append$"));
    assert.is(await run.append(draftOf(2)), 2);
    const manifest = await run.close();
    assert.is(manifest.highWatermark, 3);
    assert.equal(seen, [0, 2, 3]);
    const halting = memoryRun({ faults: [{ at: 1, fail: "disk" }] });
    halting.halt$.subscribe(throwing("halt$"));
    const reason = firstValueFrom(halting.halt$.pipe(toArray()));
    halting.offer(draftOf(1));
    assert.is((await reason).length, 1);
    await allReported;
    assert.equal([...unhandled].toSorted(), streams);
  } finally {
    config.onUnhandledError = onUnhandledError;
  }
});

/** A clock that does something of the test's when it is asked next. */
function callingClock(): Clock & { call: (() => void) | undefined } {
  return {
    call: undefined,
    now() {
      const { call } = this;
      this.call = undefined;
      call?.();
      return 1n;
    },
  };
}

for (const verb of ["submit", "append"] as const) {
  test(`a clock that closes the run from within ${verb} leaves nobody waiting`, async () => {
    const clock = callingClock();
    const run = memoryRun({ clock });
    clock.call = () => void run.close();
    assert.is((await failureOf(run[verb](draftOf(1)))).code, "TIDEMARK_CLOSED");
    assert.is((await run.close()).highWatermark, 1);
  });
}

test("a clock that abandons the run from within offer gets nothing accepted", async () => {
  const clock = callingClock();
  const run = memoryRun({ clock });
  clock.call = () => void run.abandon();
  assert.is(run.offer(draftOf(1)), false);
  await run.abandon();
  assert.equal([run.accepted, run.watermark], [0, 0]);
});

test.run();
