import { map, of, toArray, type Observable } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EntryQuery, Run } from "../../src/model/Run.ts";
import { record } from "../../src/operators/record.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";

const test = suite("the whole pipeline in virtual time");

/** What is read of a run, as the text of its payloads; `.` for none. */
function payloadsOf(run: Run, query?: EntryQuery): Observable<string> {
  return run.entries$(query).pipe(map(({ payload }) => Buffer.from(payload).toString() || "."));
}

test("goes from submission to watermark without a Promise", () => {
  marbles(({ hot, expectObservable }) => {
    const run = memoryRun({ commitMs: 2, writer: { maxBatchEntries: 2 } });
    hot("                               --a-b-(cd)-----e").subscribe((item) => {
      run.submissions.next(draftOf(item));
    });
    expectObservable(run.watermark$).toBe("o---a-b-d--------e", { o: 0, a: 1, b: 2, d: 4, e: 5 });
  });
});

test("lets record() gate a stream for the time that the commits take", () => {
  marbles(({ hot, expectObservable }) => {
    const run = memoryRun({ commitMs: 2 });
    const source = hot("a---b-c--|");
    const expected = "  --a---b-c|";
    expectObservable(source.pipe(record(run, draftOf))).toBe(expected);
  });
});

test("reads history and goes on live, with no gap and no duplicate where they meet", () => {
  marbles(({ hot, expectObservable }) => {
    const run = memoryRun({ commitMs: 1 });
    const source = hot("a--b------c---|");
    const early = "     -a--b------c---(.|)";
    const lateSubs = "  -----^";
    const late = "      -----(ab)--c---(.|)";
    source.subscribe({
      next: (item) => run.submissions.next(draftOf(item)),
      complete: () => void run.close(),
    });
    const live$ = payloadsOf(run, { live: true });
    expectObservable(live$).toBe(early);
    expectObservable(live$, lateSubs).toBe(late);
  });
});

test("reads what is durable at the start, and ends, without live", () => {
  marbles(({ hot, expectObservable }) => {
    const run = memoryRun({ commitMs: 1 });
    hot("             ab-cd ").subscribe((item) => run.submissions.next(draftOf(item)));
    const subs = "    ---^";
    const expected = "---(x|)";
    expectObservable(payloadsOf(run).pipe(toArray()), subs).toBe(expected, { x: ["a", "b"] });
  });
});

test("reads within watermark$ what it counts", () => {
  marbles(({ flush }) => {
    const run = memoryRun();
    const read: string[] = [];
    run.watermark$.subscribe((watermark) => {
      payloadsOf(run).subscribe({
        next: (item) => read.push(`${watermark} ${item}`),
        complete: () => read.push(`${watermark} |`),
      });
    });
    of("a", "b").subscribe((item) => run.submissions.next(draftOf(item)));
    flush();
    assert.equal(read, ["0 |", "2 a", "2 b", "2 |"]);
  });
});

test.run();
