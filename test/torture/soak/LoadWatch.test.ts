import { Subject } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Commit, HaltReason, Pressure } from "../../../src/index.ts";
import { complaintsOf } from "../../../torture/soak/complaintsOf.ts";
import { LoadWatch } from "../../../torture/soak/LoadWatch.ts";

const test = suite("LoadWatch");

const COMMIT: Commit = {
  fromSeq: 1,
  toSeq: 1,
  batches: [],
  bytes: 0,
  queuedEntries: 0,
  commitMs: 20,
};

/** A watch over a run that does as it is told, at moments that are set. */
function watched() {
  const run = {
    halt$: new Subject<HaltReason>(),
    commits$: new Subject<Commit>(),
    pressure$: new Subject<Pressure>(),
    watermark: 0,
  };
  const clock = { now: 0 };
  const complaints: string[] = [];
  const watch = new LoadWatch(
    () => clock.now,
    (complaint) => complaints.push(complaint),
  );
  watch.watch(run);
  const press = (level: Pressure["level"]): void =>
    run.pressure$.next({ level, queued: 0, waiting: 0, oldestWaitMs: 0 });
  return { run, clock, watch, complaints, press };
}

/** A load as it should be. */
async function goodLoad() {
  const load = watched();
  const { run, watch, press } = load;
  watch.noteOffer(true);
  await watch.noteSubmit(2, Promise.resolve(2));
  press("stalling");
  watch.noteOffer(false);
  press("clear");
  run.commits$.next(COMMIT);
  run.watermark = 3;
  await watch.noteAppend(3, Promise.resolve(3), run);
  return load;
}

test("has nothing to say of a load of every verb that stood in line and went on", async () => {
  const { watch, complaints } = await goodLoad();
  assert.equal(complaints, []);
  assert.equal(complaintsOf(watch.counts), []);
  assert.equal(watch.counts, {
    offered: 1,
    submitted: 1,
    appended: 1,
    refused: 1,
    stalls: 1,
    longestStallMs: 0,
    longestCommitMs: 20,
    longestAppendMs: 0,
  });
});

test("objects to pressure that stays at stalling, while it does and afterwards", async () => {
  const { watch, clock, press } = await goodLoad();
  press("stalling");
  clock.now = 10_000;
  assert.is(complaintsOf(watch.counts).length, 1);
  press("rising");
  clock.now = 10_001;
  assert.is(watch.counts.longestStallMs, 10_000);
});

test("objects to a commit that takes too long", async () => {
  const { run, watch } = await goodLoad();
  run.commits$.next({ ...COMMIT, commitMs: 4_900 });
  assert.is(complaintsOf(watch.counts).length, 1);
});

test("objects to an append that nobody answers", async () => {
  const { run, watch, clock } = await goodLoad();
  void watch.noteAppend(4, new Promise(() => {}), run);
  clock.now = 60_000;
  assert.is(complaintsOf(watch.counts).length, 1);
});

test("objects to a load in which nobody stood in line, and to one that used two verbs", async () => {
  const { counts } = (await goodLoad()).watch;
  assert.is(complaintsOf({ ...counts, stalls: 0 }).length, 1);
  assert.is(complaintsOf({ ...counts, submitted: 0 }).length, 1);
});

test("tells of a halt, and of whatever a call must not come to", async () => {
  const { run, watch, complaints } = await goodLoad();
  watch.noteOffer(false);
  await watch.noteSubmit(4, Promise.resolve(5));
  await watch.noteSubmit(5, Promise.reject(new Error("no")));
  await watch.noteAppend(6, Promise.resolve(6), run);
  run.halt$.next({ kind: "overflow", maxWaiting: 1, lastDurableSeq: 3, lostEntries: 0 });
  assert.is(complaints.length, 5);
});

test.run();
