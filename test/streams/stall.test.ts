import { asyncScheduler, type SchedulerLike } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BackpressuredSubject } from "../../src/streams/BackpressuredSubject.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { countingScheduler } from "../support/countingScheduler.ts";

const test = suite("stall$ of a BackpressuredSubject");

/** A subject without room, whose queue is full already. */
function fullSubject(
  stallAfterMs: number,
  scheduler?: SchedulerLike,
): BackpressuredSubject<number> {
  const subject = new BackpressuredSubject<number>({
    capacity: 1,
    stallAfterMs,
    ...(scheduler === undefined ? {} : { scheduler }),
  });
  subject.next(0);
  return subject;
}

for (const thresholdMs of [1, 2, 10, 250, 256, 1_000, 5_000, 60_000]) {
  test(`tells at ${thresholdMs} ms exactly, whenever the oldest arrived`, () => {
    for (const arrivesAt of [0, 1, 2, 3, 7, 19, 200]) {
      marbles(({ expectObservable, scheduler }) => {
        const subject = fullSubject(thresholdMs);
        // Others come first, near enough to share a timer, and are gone in time.
        const others = Math.min(arrivesAt, thresholdMs - 1);
        for (let ms = arrivesAt - others; ms < arrivesAt; ms += 1) {
          scheduler.schedule(() => subject.next(ms), ms);
        }
        scheduler.schedule(() => {
          subject.next(arrivesAt);
          for (let released = 0; released < others; released += 1) subject.release(1);
        }, arrivesAt);
        expectObservable(subject.stall$).toBe(`${arrivesAt + thresholdMs}ms s`, { s: thresholdMs });
      });
    }
  });
}

test("tells nothing of a line that moves in time", () => {
  marbles(({ expectObservable, scheduler }) => {
    const subject = fullSubject(10);
    for (let ms = 0; ms < 100; ms += 3) {
      scheduler.schedule(() => subject.next(ms), ms);
      scheduler.schedule(() => subject.release(1), ms + 9);
    }
    expectObservable(subject.stall$).toBe("");
  });
});

test("judges the oldest in line, not the line: one that moves on too slowly stalls", () => {
  marbles(({ expectObservable, scheduler }) => {
    const subject = fullSubject(10);
    for (const ms of [0, 1, 2]) scheduler.schedule(() => subject.next(ms), ms);
    // The first two get through in time, the third has come at 2.
    for (const ms of [5, 6]) scheduler.schedule(() => subject.release(1), ms);
    expectObservable(subject.stall$).toBe("------------s", { s: 10 });
  });
});

test("lets whoever is released in the same instant go, though its timer came first", () => {
  marbles(({ expectObservable, scheduler }) => {
    const subject = fullSubject(10);
    subject.next(1);
    // Scheduled after the timer of the stall, and so run after it.
    asyncScheduler.schedule(() => subject.release(1), 10);
    scheduler.schedule(() => subject.next(2), 20);
    expectObservable(subject.stall$, "^------------------!").toBe("");
  });
});

test("tells of nobody who left the line", () => {
  marbles(({ expectObservable, scheduler }) => {
    const subject = fullSubject(10);
    subject.next(1);
    scheduler.schedule(() => subject.clearWaiting(), 9);
    expectObservable(subject.stall$).toBe("");
  });
});

test("begins anew after the line was empty", () => {
  marbles(({ expectObservable, scheduler }) => {
    const subject = fullSubject(10);
    subject.next(1);
    scheduler.schedule(() => subject.release(1), 9);
    scheduler.schedule(() => subject.next(2), 9);
    expectObservable(subject.stall$).toBe("-------------------s", { s: 10 });
  });
});

test("never tells where no threshold is given", () => {
  marbles(({ expectObservable, flush }) => {
    const scheduler = countingScheduler(asyncScheduler);
    const subject = new BackpressuredSubject<number>({ capacity: 1, scheduler });
    subject.next(1);
    subject.next(2);
    expectObservable(subject.stall$).toBe("");
    flush();
    assert.is(scheduler.scheduled, 0);
  });
});

test("has no timer while nobody waits", () => {
  marbles(() => {
    const scheduler = countingScheduler(asyncScheduler);
    const subject = new BackpressuredSubject<number>({ capacity: 1, stallAfterMs: 10, scheduler });
    for (let value = 0; value < 10; value += 1) {
      subject.next(value);
      subject.release(1);
    }
    assert.is(scheduler.scheduled, 0);
    subject.next(10);
    subject.next(11);
    assert.is(scheduler.open, 1);
    subject.release(1);
    assert.is(scheduler.open, 0);
    subject.next(12);
    assert.is(scheduler.open, 1);
    subject.clearWaiting();
    assert.is(scheduler.open, 0);
  });
});

test("has at most 257 timers, however many wait", () => {
  marbles(({ flush, scheduler: virtual }) => {
    const scheduler = countingScheduler(asyncScheduler);
    const subject = fullSubject(2_560, scheduler);
    let most = 0;
    for (let ms = 0; ms < 2_500; ms += 1) {
      virtual.schedule(() => {
        subject.next(ms);
        most = Math.max(most, scheduler.open);
      }, ms);
    }
    virtual.schedule(() => subject.clearWaiting(), 2_501);
    flush();
    assert.ok(most > 200 && most <= 257, `${most} timers`);
    assert.is(scheduler.open, 0);
  });
});

test.run();
