import { NEVER, Subject } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HaltedError } from "../../src/model/errors.ts";
import { record } from "../../src/operators/record.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { draftOf, promptWriter, REASON, scriptedWriter } from "../support/scriptedWriter.ts";

const test = suite("record at a halt");

const HALTED = new HaltedError(REASON);
const BOOM = new Error("boom");

test("errors at the halt and never lets pending items through", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("--1-d--3  "));
    const source = cold("            abc------|");
    const subs = "                   ^---!     ";
    const expected = "               --a-#     ";
    expectObservable(source.pipe(record(run, draftOf))).toBe(expected, undefined, HALTED);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("errors at the halt when the appends fail first", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("--1-h     "));
    const source = cold("            abc------|");
    const subs = "                   ^---!     ";
    const expected = "               --a-#     ";
    expectObservable(source.pipe(record(run, draftOf))).toBe(expected, undefined, HALTED);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

for (const end of ["|", "#"]) {
  test(`errors at the halt while items are pending after ${end}`, () => {
    marbles(({ cold, expectObservable }) => {
      const run = scriptedWriter(cold("----d--2"));
      const source = cold(`    ab${end}`, undefined, BOOM);
      const expected = "               ----#";
      expectObservable(source.pipe(record(run, draftOf))).toBe(expected, undefined, HALTED);
    });
  });
}

test("errors on subscription to a run that has halted, without touching the source", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = promptWriter();
    run.halt();
    const source = cold("a-b");
    expectObservable(source.pipe(record(run, draftOf))).toBe("#", undefined, HALTED);
    expectSubscriptions(source.subscriptions).toBe([]);
  });
});

for (const waiting of ["fail", "go on"]) {
  test(`errors after every subscriber of halt$ has the reason, when appends ${waiting}`, () => {
    const log: string[] = [];
    const run = scriptedWriter(NEVER);
    const source = new Subject<string>();
    run.halt$.subscribe(() => {
      log.push("first");
      // The run has refused already, and this stream does not know yet.
      source.next("b");
    });
    source.pipe(record(run, (item) => (item === "X" ? undefined : draftOf(item)))).subscribe({
      next: (item) => log.push(item),
      error: (error: HaltedError) => log.push(error.code, error.reason.kind),
    });
    run.halt$.subscribe(() => {
      log.push("last");
      source.next("X");
    });
    source.next("a");
    run.halt({ appendsGoOn: waiting === "go on" });
    run.commit(1);
    assert.equal(log, ["first", "last", "TIDEMARK_HALTED", "backend-error"]);
    assert.equal(run.drafts, [draftOf("a")]);
  });
}

test("lets nothing pass between the reason and the error", () => {
  const log: string[] = [];
  const run = scriptedWriter(NEVER);
  const unrecorded = new Subject<string>();
  const recorded = new Subject<string>();
  unrecorded.pipe(record(run, () => undefined)).subscribe({
    next: (item) => log.push(item),
    error: () => log.push("first ends"),
  });
  recorded.pipe(record<string>(run, draftOf)).subscribe({
    next: (item) => log.push(item),
    error: () => log.push("second ends"),
  });
  run.halt$.subscribe(() => {
    unrecorded.next("X");
    run.commit(1);
  });
  recorded.next("a");
  run.halt({ appendsGoOn: true });
  assert.equal(log, ["first ends", "second ends"]);
});

test.run();
