import { of } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Run } from "../../src/model/Run.ts";
import { record } from "../../src/operators/record.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { watched } from "./support/watched.ts";

const test = suite("the order of a halt");

/** Everyone who waits for something, telling into the log what they hear. */
function waitingFor(run: Run, log: string[]): void {
  run.append$(draftOf("accepted")).subscribe({
    next: (seq) => log.push(`accepted append$ ${seq}`),
    error: ({ code }) => log.push(`accepted append$ ${code}`),
  });
  of("item")
    .pipe(record(run, draftOf))
    .subscribe({
      next: () => log.push("record item"),
      error: ({ code }) => log.push(`record ${code}`),
    });
  run.append$(draftOf("in line")).subscribe({
    error: ({ code }) => log.push(`append$ in line ${code}`),
  });
}

test("state, halt$ and its end, then the pending ones and the line, then the rest: backend failure", () => {
  marbles(({ flush }) => {
    const run = memoryRun({
      commitMs: 5,
      faults: [{ at: 1, fail: "disk" }],
      writer: { queueCapacity: 1, maxBatchEntries: 1 },
    });
    const log = watched(run);
    waitingFor(run, log);
    run.halt$.subscribe(() => {
      log.push(`offer in halt$ ${run.offer(draftOf("late"))}`);
      run.append$(draftOf("late")).subscribe({ error: ({ code }) => log.push(`late ${code}`) });
    });
    flush();
    assert.equal(log.slice(log.findIndex((line) => line.includes("halt "))), [
      "5 halt backend-disk 2",
      "offer in halt$ false",
      "late TIDEMARK_HALTED",
      "5 halt |",
      "record TIDEMARK_HALTED",
      "5 pressure rising 1 0",
      "append$ in line TIDEMARK_HALTED",
      "accepted append$ TIDEMARK_HALTED",
      "5 watermark |",
      "5 commit |",
      "5 pressure |",
    ]);
  });
});

test("the same for a backpressure halt, but that the drain goes on before the completions", () => {
  marbles(({ flush }) => {
    const run = memoryRun({
      commitMs: 20,
      writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 10 },
    });
    const log = watched(run);
    waitingFor(run, log);
    flush();
    assert.equal(log.slice(log.findIndex((line) => line.includes("halt "))), [
      "10 halt backpressure-stall 0",
      "10 halt |",
      "record TIDEMARK_HALTED",
      "10 pressure rising 1 0",
      "append$ in line TIDEMARK_HALTED",
      "20 watermark 1 1",
      "20 commit 1..1 1count",
      "accepted append$ 1",
      "20 pressure clear 0 0",
      "40 watermark 2 2",
      "40 commit 2..2 1count",
      "40 watermark |",
      "40 commit |",
      "40 pressure |",
    ]);
  });
});

test("and for an overflow, whose one too many hears it last", () => {
  marbles(({ flush }) => {
    const run = memoryRun({
      commitMs: 5,
      writer: { queueCapacity: 1, maxBatchEntries: 1, maxWaiting: 0 },
    });
    const log = watched(run);
    run.offer(draftOf(1));
    run.offer(draftOf(2));
    run.append$(draftOf(3)).subscribe({ error: ({ code }) => log.push(`append$ ${code}`) });
    const atHalt = log.slice(log.findIndex((line) => line.includes("halt ")));
    assert.equal(atHalt, ["0 halt overflow 0", "0 halt |", "append$ TIDEMARK_HALTED"]);
    flush();
  });
});

test("a late subscriber of halt$ gets the very reason, and its end", () => {
  marbles(({ flush }) => {
    const run = memoryRun({ faults: [{ at: 1, fail: "error" }] });
    const reasons: unknown[] = [];
    run.halt$.subscribe((reason) => reasons.push(reason));
    run.offer(draftOf(1));
    flush();
    run.halt$.subscribe({
      next: (reason) => reasons.push(reason),
      complete: () => reasons.push("|"),
    });
    assert.is(reasons.length, 3);
    assert.is(reasons[0], reasons[1]);
    assert.is(reasons[2], "|");
  });
});

test("halt$ ends empty where nothing went wrong", () => {
  marbles(({ expectObservable, scheduler }) => {
    const closed = memoryRun();
    const abandoned = memoryRun();
    scheduler.schedule(() => void closed.close(), 3);
    scheduler.schedule(() => void abandoned.abandon(), 4);
    expectObservable(closed.halt$).toBe("---|");
    expectObservable(abandoned.halt$).toBe("----|");
  });
});

test.run();
