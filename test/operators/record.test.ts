import { NEVER, of, range, Subject, take } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EntryDraft } from "../../src/model/entry.ts";
import {
  ClosedError,
  HaltedError,
  InvalidEntryError,
  OverflowError,
} from "../../src/model/errors.ts";
import { DEFAULT_WRITER_OPTIONS } from "../../src/model/options.ts";
import { record } from "../../src/operators/record.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { operatorLaws } from "../../src/testing/operatorLaws.ts";
import { draftOf, promptWriter, REASON, scriptedWriter } from "../support/scriptedWriter.ts";

const test = suite("record");

const HALTED = new HaltedError(REASON);
const CLOSED = new ClosedError();
const BOOM = new Error("boom");

/** Capital letters pass unrecorded. */
function draftUnlessCapital(item: string): EntryDraft | undefined {
  return item === item.toUpperCase() ? undefined : draftOf(item);
}

test("lets items through in order once their entries are durable", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("----2-------3   "));
    const source = cold("            a-b-c-----|     ");
    const subs = "                   ^---------!     ";
    const expected = "               ----(ab)----(c|)";
    expectObservable(source.pipe(record(run, draftOf))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("hands drafts in at once, while earlier ones are pending", () => {
  marbles(({ cold, flush }) => {
    const run = scriptedWriter(cold("-"));
    cold("(ab)-c-").pipe(record(run, draftOf)).subscribe();
    flush();
    assert.equal(run.drafts, [draftOf("a"), draftOf("b"), draftOf("c")]);
  });
});

test("lets an item through within the call that makes it durable", () => {
  const passed: number[] = [];
  const source = new Subject<number>();
  source.pipe(record<number>(promptWriter(), draftOf)).subscribe((item) => passed.push(item));
  source.next(1);
  assert.equal(passed, [1]);
});

test("lets an unrecorded item through at once, or in its place when others are pending", () => {
  marbles(({ cold, expectObservable }) => {
    const run = scriptedWriter(cold("----1---------2    "));
    const source = cold("            Xa-Y-----Z-b-W----|");
    const expected = "               X---(aY)-Z----(bW)|";
    expectObservable(source.pipe(record(run, draftUnlessCapital))).toBe(expected);
  });
});

test("shapes what it lets through, with the seq of recorded items", () => {
  marbles(({ cold, expectObservable }) => {
    const run = scriptedWriter(cold("----2    "));
    const source = cold("            aXb------");
    const expected = "               ----(xyz)";
    const shaped = source.pipe(record(run, draftUnlessCapital, (item, seq) => ({ item, seq })));
    expectObservable(shaped).toBe(expected, {
      x: { item: "a", seq: 1 },
      y: { item: "X", seq: undefined },
      z: { item: "b", seq: 2 },
    });
  });
});

test("lets through what was taken before a close, then fails with the next draft", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("--x--2       "));
    const source = cold("            ab--------Xc-");
    const subs = "                   ^----------! ";
    const expected = "               -----(ab)-X# ";
    expectObservable(source.pipe(record(run, draftUnlessCapital))).toBe(
      expected,
      undefined,
      CLOSED,
    );
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("fails with a refused draft in its place, and leaves the source at once", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("--x--2    "));
    const source = cold("            ab-c-d-   ");
    const subs = "                   ^--!      ";
    const expected = "               -----(ab#)";
    expectObservable(source.pipe(record(run, draftOf))).toBe(expected, undefined, CLOSED);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("fails with a draft that an abandon finds in line, after those that were accepted", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("---a-1   "));
    const source = cold("            ab-----c-");
    const subs = "                   ^--!     ";
    const expected = "               -----(a#)";
    expectObservable(source.pipe(record(run, draftOf))).toBe(expected, undefined, CLOSED);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("errors with an invalid draft after the pending items", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("-----1   "));
    const source = cold("            ab-c-----");
    const subs = "                   ^!       ";
    const expected = "               -----(a#)";
    const topicless = record(run, (item: string) => ({
      ...draftOf(item),
      topic: item === "b" ? "" : item,
    }));
    const invalid = new InvalidEntryError(
      "topic",
      "1 to 512 bytes of well-formed text without NUL",
      "",
    );
    expectObservable(source.pipe(topicless)).toBe(expected, undefined, invalid);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("errors with what toDraft throws after the pending items, a HaltedError too", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = scriptedWriter(cold("-----1   "));
    const source = cold("            ab-c-----");
    const subs = "                   ^!       ";
    const expected = "               -----(a#)";
    const throwing = record(run, (item: string) => {
      if (item === "b") throw HALTED;
      return draftOf(item);
    });
    expectObservable(source.pipe(throwing)).toBe(expected, undefined, HALTED);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("errors with what project throws and shapes nothing after it", () => {
  marbles(({ cold, expectObservable, flush }) => {
    const run = scriptedWriter(cold("-----3   "));
    const source = cold("            abc------");
    const expected = "               -----(a#)";
    const shaped: string[] = [];
    const throwing = record(run, draftOf, (item: string) => {
      shaped.push(item);
      if (item === "b") throw BOOM;
      return item;
    });
    expectObservable(source.pipe(throwing)).toBe(expected, undefined, BOOM);
    flush();
    assert.equal(shaped, ["a", "b"]);
  });
});

test("errors with its source after the pending items", () => {
  marbles(({ cold, expectObservable }) => {
    const run = scriptedWriter(cold("-----2    "));
    const source = cold("    ab-#", undefined, BOOM);
    const expected = "               -----(ab#)";
    expectObservable(source.pipe(record(run, draftOf))).toBe(expected, undefined, BOOM);
  });
});

test("withdraws nothing and emits nothing when downstream leaves", () => {
  marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
    const run = scriptedWriter(cold("-----2-"));
    const source = cold("            ab---c-");
    const subs = "                   ^--!   ";
    let shaped = 0;
    const result = source.pipe(record(run, draftOf, () => (shaped += 1)));
    expectObservable(result, subs).toBe("-");
    expectSubscriptions(source.subscriptions).toBe(subs);
    flush();
    assert.equal(run.drafts, [draftOf("a"), draftOf("b")]);
    assert.is(run.withdrawn, 0);
    assert.is(shaped, 0);
  });
});

test("records anew for each subscription", () => {
  const run = promptWriter();
  const seqs: (number | undefined)[] = [];
  const recorded = of("a").pipe(record(run, draftOf, (_, seq) => seq));
  for (let i = 0; i < 2; i += 1) recorded.subscribe((seq) => seqs.push(seq));
  assert.equal(seqs, [1, 2]);
});

test("lets one item through at a time, whatever downstream does in next", () => {
  const log: string[] = [];
  const source = new Subject<string>();
  source.pipe(record(promptWriter(), draftUnlessCapital)).subscribe((item) => {
    log.push(`${item} begins`);
    if (item === "a") for (const next of ["b", "X"]) source.next(next);
    log.push(`${item} ends`);
  });
  source.next("a");
  assert.equal(
    log,
    ["a", "b", "X"].flatMap((item) => [`${item} begins`, `${item} ends`]),
  );
});

test("bounds the unrecorded items that wait, and fails in the place of the one too many", () => {
  const { maxWaiting } = DEFAULT_WRITER_OPTIONS;
  const run = scriptedWriter(NEVER);
  let passed = 0;
  let failure: unknown;
  const source = new Subject<number>();
  source.pipe(record(run, (item) => (item === 0 ? draftOf(item) : undefined))).subscribe({
    next: () => (passed += 1),
    error: (error: unknown) => (failure = error),
  });
  for (let item = 0; item <= maxWaiting; item += 1) source.next(item);
  assert.is(source.observed, true);
  source.next(maxWaiting + 1);
  assert.is(source.observed, false);
  assert.is(failure, undefined);
  run.commit(1);
  assert.is(passed, maxWaiting + 1);
  assert.instance(failure, OverflowError);
  assert.is((failure as OverflowError).maxWaiting, maxWaiting);
});

test("counts no item as waiting that has passed", () => {
  let passed = 0;
  const tooMany = DEFAULT_WRITER_OPTIONS.maxWaiting + 1;
  range(0, tooMany)
    .pipe(record(promptWriter(), () => undefined))
    .subscribe(() => (passed += 1));
  assert.is(passed, tooMany);
});

test("pulls no more of a synchronous source than downstream takes", () => {
  const run = promptWriter();
  range(0, 1e6).pipe(record(run, draftOf), take(2)).subscribe();
  assert.is(run.drafts.length, 2);
});

for (const commitMs of [0, 3]) {
  operatorLaws({
    name: `commits after ${commitMs} ms`,
    operator: () => record(promptWriter(commitMs), draftOf),
    throwing: {
      toDraft: (error) =>
        record(promptWriter(commitMs), () => {
          throw error;
        }),
      project: (error) =>
        record(promptWriter(commitMs), draftOf, () => {
          throw error;
        }),
    },
    test,
  });
}

test.run();
