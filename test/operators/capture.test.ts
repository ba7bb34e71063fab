import { NEVER, of, range, Subject, take } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EntryDraft } from "../../src/model/entry.ts";
import { ClosedError, HaltedError, InvalidEntryError } from "../../src/model/errors.ts";
import { capture } from "../../src/operators/capture.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { operatorLaws } from "../../src/testing/operatorLaws.ts";
import { draftOf, promptWriter, REASON, scriptedWriter } from "../support/scriptedWriter.ts";

const test = suite("capture");

const HALTED = new HaltedError(REASON);
const CLOSED = new ClosedError();
const BOOM = new Error("boom");

/** Capital letters pass unrecorded. */
function draftUnlessCapital(item: string): EntryDraft | undefined {
  return item === item.toUpperCase() ? undefined : draftOf(item);
}

function emptyTopicOfB(item: string): EntryDraft {
  return { ...draftOf(item), topic: item === "b" ? "" : item };
}

test("passes each item on at once, whether or not its entry is durable", () => {
  marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
    const run = scriptedWriter(cold("-"));
    const source = cold("            a-X-b|");
    const subs = "                   ^----!";
    const expected = "               a-X-b|";
    expectObservable(source.pipe(capture(run, draftUnlessCapital))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
    flush();
    assert.equal(run.drafts, [draftOf("a"), draftOf("b")]);
  });
});

test("hands an item's draft in before it passes the item on", () => {
  const run = scriptedWriter(NEVER);
  const source = new Subject<string>();
  const log: string[] = [];
  source.pipe(capture(run, draftOf)).subscribe((item) => {
    log.push(`${item} after ${run.drafts.length}`);
    // What an item causes is recorded after it, though it arrives while that item is passed on.
    if (item === "a") source.next("b");
  });
  source.next("a");
  assert.equal(log, ["a after 1", "b after 2"]);
  assert.equal(run.drafts, [draftOf("a"), draftOf("b")]);
});

for (const letter of ["h", "d"]) {
  test(`errors at the halt (${letter})`, () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const run = scriptedWriter(cold(`----${letter}-2`));
      const source = cold("            a-b---c-");
      const subs = "                   ^---!   ";
      const expected = "               a-b-#   ";
      expectObservable(source.pipe(capture(run, draftOf))).toBe(expected, undefined, HALTED);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });
}

test("errors on subscription to a run that has halted, without touching the source", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = promptWriter();
    run.halt();
    const source = cold("a-b");
    expectObservable(source.pipe(capture(run, draftOf))).toBe("#", undefined, HALTED);
    expectSubscriptions(source.subscriptions).toBe([]);
  });
});

for (const appendsGoOn of [true, false]) {
  test(`errors after every subscriber of halt$ has the reason (${String(appendsGoOn)})`, () => {
    const log: string[] = [];
    const run = scriptedWriter(NEVER);
    const source = new Subject<string>();
    run.halt$.subscribe(() => {
      log.push("first");
      // The run has refused already, and this stream does not know yet.
      source.next("b");
    });
    source.pipe(capture(run, draftUnlessCapital)).subscribe({
      next: (item) => log.push(item),
      error: (error: HaltedError) => log.push(error.code, error.reason.kind),
    });
    run.halt$.subscribe(() => {
      log.push("last");
      source.next("X");
    });
    source.next("a");
    run.halt({ appendsGoOn });
    assert.equal(log, ["a", "first", "last", "TIDEMARK_HALTED", "backend-error"]);
    assert.equal(run.drafts, [draftOf("a")]);
  });
}

test("lets nothing pass between the reason and the error", () => {
  const log: string[] = [];
  const run = scriptedWriter(NEVER);
  const source = new Subject<string>();
  source.pipe(capture(run, () => undefined)).subscribe({
    next: (item) => log.push(item),
    error: (error: HaltedError) => log.push(error.code),
  });
  run.halt$.subscribe(() => source.next("X"));
  run.halt();
  assert.equal(log, ["TIDEMARK_HALTED"]);
});

test("has left its source when it fails", () => {
  const source = new Subject<string>();
  const log: unknown[] = [];
  source.pipe(capture(promptWriter(), emptyTopicOfB)).subscribe({
    error: () => log.push(source.observed),
  });
  source.next("b");
  assert.equal(log, [false]);
});

test("fails with the next draft after a close, and does not pass its item on", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("-x----"));
    const source = cold("            a-X-b-");
    const subs = "                   ^---! ";
    const expected = "               a-X-# ";
    const result = source.pipe(capture(run, draftUnlessCapital));
    expectObservable(result).toBe(expected, undefined, CLOSED);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("fails when an abandon finds one of its drafts in line", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("---a--"));
    const source = cold("            a-b-c-");
    const subs = "                   ^--!  ";
    const expected = "               a-b#  ";
    expectObservable(source.pipe(capture(run, draftOf))).toBe(expected, undefined, CLOSED);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("errors with an invalid draft and does not pass its item on", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold("a-b-c-");
    const subs = "       ^-!   ";
    const expected = "   a-#   ";
    const limit = "1 to 512 bytes of well-formed text without NUL";
    expectObservable(source.pipe(capture(promptWriter(), emptyTopicOfB))).toBe(
      expected,
      undefined,
      new InvalidEntryError("topic", limit, ""),
    );
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("errors with what toDraft throws, a HaltedError too", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold("a-b-c-");
    const subs = "       (^!)  ";
    const expected = "   #     ";
    const throwing = capture(promptWriter(), (): undefined => {
      throw HALTED;
    });
    expectObservable(source.pipe(throwing)).toBe(expected, undefined, HALTED);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("errors with its source at once, though nothing is durable", () => {
  marbles(({ cold, expectObservable }) => {
    const run = scriptedWriter(cold("----1"));
    const source = cold("            a-#  ", undefined, BOOM);
    const expected = "               a-#  ";
    expectObservable(source.pipe(capture(run, draftOf))).toBe(expected, undefined, BOOM);
  });
});

test("withdraws nothing when downstream leaves", () => {
  marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
    const run = scriptedWriter(cold("-----2-"));
    const source = cold("            ab---c-");
    const subs = "                   ^--!   ";
    const expected = "               ab-    ";
    expectObservable(source.pipe(capture(run, draftOf)), subs).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
    flush();
    assert.equal(run.drafts, [draftOf("a"), draftOf("b")]);
    assert.is(run.withdrawn, 0);
  });
});

test("records anew for each subscription", () => {
  const run = promptWriter();
  const captured = of("a").pipe(capture(run, draftOf));
  for (let i = 0; i < 2; i += 1) captured.subscribe();
  assert.equal(run.drafts, [draftOf("a"), draftOf("a")]);
});

test("pulls no more of a synchronous source than downstream takes", () => {
  const run = promptWriter();
  range(0, 1e6).pipe(capture(run, draftOf), take(2)).subscribe();
  assert.is(run.drafts.length, 2);
});

for (const commitMs of [0, 3]) {
  operatorLaws({
    name: `commits after ${commitMs} ms`,
    operator: () => capture(promptWriter(commitMs), draftOf),
    throwing: {
      toDraft: (error) =>
        capture(promptWriter(commitMs), () => {
          throw error;
        }),
    },
    test,
  });
}

test.run();
