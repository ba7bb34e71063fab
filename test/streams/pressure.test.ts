import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Pressure } from "../../src/model/Writer.ts";
import { BackpressuredSubject } from "../../src/streams/BackpressuredSubject.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { BYTES, subjectOf } from "./support/subjectOf.ts";

const test = suite("pressure$ of a BackpressuredSubject");

/** What a queue that is full tells. */
function told(level: Pressure["level"], waiting: number): Pressure {
  return { level, queued: 1, waiting, oldestWaitMs: 0 };
}

test("tells a rising level from 50 % on and a clear one below 40 %", () => {
  const { subject, levels } = subjectOf({ capacity: 10 });
  for (let value = 1; value <= 5; value += 1) subject.next(value);
  assert.equal(levels, ["clear 0 0", "rising 5 0"]);
  subject.release(1);
  assert.equal(levels.length, 2);
  subject.next(5);
  subject.release(1);
  subject.release(1);
  assert.equal(levels, ["clear 0 0", "rising 5 0", "clear 3 0"]);
  subject.next(4);
  assert.equal(levels.length, 3);
});

test("tells the level of its bytes too", () => {
  const { subject, levels } = subjectOf({ ...BYTES, capacityBytes: 10 });
  subject.next(4);
  subject.next(1);
  subject.release(1, 1);
  assert.equal(levels, ["clear 0 0", "rising 2 0"]);
  subject.release(1, 4);
  assert.equal(levels.at(-1), "clear 0 0");
});

test("tells a stalling level while someone is in line", () => {
  const { subject, levels } = subjectOf({ capacity: 2 });
  for (const value of [1, 2, 3, 4]) subject.next(value);
  subject.release(1);
  subject.release(1);
  assert.equal(levels, ["clear 0 0", "rising 1 0", "stalling 2 1", "rising 2 0"]);
});

test("replays the current pressure to whoever comes late, after completion too", () => {
  const { subject } = subjectOf({ capacity: 2 });
  subject.next(1);
  const late: unknown[] = [];
  subject.pressure$.subscribe((pressure) => late.push(pressure.level));
  assert.equal(late, ["rising"]);
  subject.release(1);
  subject.complete();
  subject.pressure$.subscribe({
    next: ({ level }) => late.push(level),
    complete: () => late.push("|"),
  });
  assert.equal(late, ["rising", "clear", "clear", "|"]);
});

test("tells queue and line as they are when the level changes, and not in between", () => {
  marbles(({ expectObservable, scheduler }) => {
    const subject = new BackpressuredSubject<number>({ capacity: 1 });
    subject.next(1);
    subject.next(2);
    scheduler.schedule(() => subject.next(3), 3);
    scheduler.schedule(() => subject.release(1), 5);
    scheduler.schedule(() => subject.clearWaiting(), 7);
    expectObservable(subject.pressure$).toBe("a------b", {
      a: told("stalling", 1),
      b: told("rising", 0),
    });
  });
});

test("keeps the order of a value and of the one that its pressure makes a subscriber offer", () => {
  const subject = new BackpressuredSubject<number>({ capacity: 4 });
  const logs: string[][] = [[], []];
  for (const log of logs) subject.subscribe((value) => log.push(`value ${value}`));
  subject.pressure$.subscribe(({ level }) => {
    if (level === "rising") subject.offer(3);
    for (const log of logs) log.push(level);
  });
  subject.offer(1);
  subject.offer(2);
  assert.equal(logs[0], ["clear", "value 1", "value 2", "value 3", "rising"]);
  assert.equal(logs[1], logs[0]);
});

test("passes the line on before what a subscriber offers when the line is empty", () => {
  const { subject, passed } = subjectOf({ capacity: 2 });
  subject.next(1);
  subject.next(2);
  subject.next(3);
  subject.pressure$.subscribe(({ level }) => {
    if (level === "rising") subject.next(4);
  });
  subject.release(2);
  assert.equal(passed, [1, 2, 3, 4]);
});

test("tells every subscriber one level after the other, though one of them changes it", () => {
  const subject = new BackpressuredSubject<number>({ capacity: 2 });
  const logs: string[][] = [[], []];
  subject.pressure$.subscribe(({ level }) => {
    logs[0]?.push(level);
    if (level === "rising") subject.release(1);
  });
  subject.pressure$.subscribe(({ level }) => logs[1]?.push(level));
  subject.next(1);
  assert.equal(logs, [
    ["clear", "rising", "clear"],
    ["clear", "rising", "clear"],
  ]);
});

test("takes nothing after its last value from a subscriber that offers when that raises pressure", () => {
  const { subject, passed } = subjectOf({ capacity: 2 });
  const taken: boolean[] = [];
  subject.pressure$.subscribe(({ level }) => {
    if (level === "rising") taken.push(subject.offer(9));
  });
  subject.complete(1);
  assert.equal(passed, [1, "|"]);
  assert.equal(taken, [false]);
});

test.run();
