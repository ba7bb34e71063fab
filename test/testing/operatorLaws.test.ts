import {
  bufferCount,
  catchError,
  concatMap,
  delay,
  EMPTY,
  filter,
  ignoreElements,
  map,
  Observable,
  startWith,
  tap,
  timer,
} from "rxjs";
import type { OperatorFunction, Subscriber, Subscription } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { operatorLaws } from "../../src/testing/operatorLaws.ts";
import type { OperatorLawsConfig } from "../../src/testing/operatorLaws.ts";

const test = suite("operatorLaws");

type Subject = Omit<OperatorLawsConfig, "name" | "test">;

/** The titles of the tests that the laws register for an operator. */
function titlesOf(subject: Subject): string[] {
  const titles: string[] = [];
  operatorLaws({ ...subject, name: "it", test: (title) => titles.push(title) });
  return titles;
}

/** The laws that an operator breaks. */
function brokenBy(subject: Subject): string[] {
  const broken: string[] = [];
  operatorLaws({
    ...subject,
    name: "it",
    test: (title, fn) => {
      try {
        fn();
      } catch {
        broken.push(title.slice("it: ".length));
      }
    },
  });
  return broken;
}

/** Passes on what a source gives through a plain observer. */
function relay(
  source: Observable<number>,
  subscriber: Subscriber<unknown>,
  next: (item: number) => void = (item) => subscriber.next(item),
): Subscription {
  return source.subscribe({
    next,
    error: (error: unknown) => subscriber.error(error),
    complete: () => subscriber.complete(),
  });
}

function identity(): OperatorFunction<number, unknown> {
  return map((item) => item);
}

/** Operators of RxJS that let every item through. */
const SOUND: Readonly<Record<string, OperatorFunction<number, unknown>>> = {
  map: identity(),
  "a synchronous concatMap": concatMap((item: number) => [item]),
};

for (const [name, operator] of Object.entries(SOUND)) {
  test(`passes ${name}`, () => {
    assert.equal(brokenBy({ operator: () => operator }), []);
  });
}

const STOPS = "stops a synchronous source when downstream leaves";
const LEAVES = "unsubscribes from its source when downstream leaves";
const REENTRANT_LEAVE = "lets downstream leave from within next";
const REENTRANT_PUSH = "takes items that are pushed from within next";
const OUT_BEFORE_COMPLETION = "lets every item out before it completes";
const OUT_BEFORE_ERROR = "lets every item out before it errors";
const OWN_STATE = "keeps its state per subscription";

/** Operators with a fault each, and the laws that find it. */
const FAULTY: readonly {
  readonly fault: string;
  readonly operator: () => OperatorFunction<number, unknown>;
  readonly breaks: readonly string[];
}[] = [
  {
    fault: "emits of its own accord",
    operator: () => startWith(0),
    breaks: [
      "emits nothing of its own",
      "completes at once with an empty source",
      "errors at once with a failing source",
      OUT_BEFORE_COMPLETION,
      OUT_BEFORE_ERROR,
      OWN_STATE,
      REENTRANT_PUSH,
    ],
  },
  {
    fault: "subscribes with a plain observer",
    operator: () => (source) =>
      new Observable((subscriber) => {
        subscriber.add(relay(source, subscriber));
      }),
    breaks: [STOPS],
  },
  {
    fault: "never leaves its source",
    operator: () => (source) =>
      new Observable((subscriber) => {
        relay(source, subscriber);
      }),
    breaks: [LEAVES, STOPS, REENTRANT_LEAVE],
  },
  {
    fault: "swallows errors",
    operator: () => catchError(() => EMPTY),
    breaks: ["errors at once with a failing source", OUT_BEFORE_ERROR],
  },
  {
    fault: "lets an error overtake items",
    operator: () => delay<number>(7),
    breaks: [OUT_BEFORE_ERROR],
  },
  {
    fault: "keeps its state per operator",
    operator: () => {
      const seen = new Set<number>();
      return filter((item) => seen.size !== seen.add(item).size);
    },
    breaks: [OWN_STATE],
  },
  {
    fault: "drops its remainder",
    operator: () => (source) =>
      source.pipe(
        bufferCount(2),
        filter((pair) => pair.length === 2),
      ),
    breaks: [OUT_BEFORE_COMPLETION, OUT_BEFORE_ERROR, OWN_STATE, REENTRANT_PUSH],
  },
  {
    fault: "forgets its timer",
    operator: () => (source) =>
      new Observable<unknown>((subscriber) => {
        const startTimer = () => timer(50).subscribe(() => subscriber.next([]));
        return source.pipe(tap(startTimer)).subscribe(subscriber);
      }),
    breaks: ["does nothing after completion", "does nothing after an error"],
  },
  {
    fault: "emits before it resets its state",
    operator: () => (source) =>
      new Observable<unknown>((subscriber) => {
        let batch: number[] = [];
        const emit = (item: number) => {
          batch.push(item);
          subscriber.next([...batch]);
          batch = [];
        };
        return source.pipe(tap(emit), ignoreElements()).subscribe(subscriber);
      }),
    breaks: [REENTRANT_PUSH],
  },
];

for (const { fault, operator, breaks } of FAULTY) {
  test(`finds an operator that ${fault}`, () => {
    assert.equal(brokenBy({ operator }), breaks);
  });
}

test("finds an operator that leaves what a callback throws to the host", () => {
  const broken = brokenBy({
    operator: identity,
    throwing: {
      project: (error) => (source) =>
        new Observable((subscriber) =>
          relay(source, subscriber, () => {
            throw error;
          }),
        ),
    },
  });
  assert.equal(broken, ["errors with what project throws"]);
});

test("passes an operator that errors with what its callback throws", () => {
  const broken = brokenBy({
    operator: identity,
    throwing: {
      project: (error) =>
        map(() => {
          throw error;
        }),
    },
  });
  assert.equal(broken, []);
});

test("counts the items in an output as it is told to", () => {
  const broken = brokenBy({
    operator: () => map((item: number) => ({ item })),
    itemsOf: (output) => [(output as { item: number }).item],
  });
  assert.equal(broken, []);
});

test("registers each law under the operator's name, and one test per throwing callback", () => {
  const without = titlesOf({ operator: identity });
  const titles = titlesOf({ operator: identity, throwing: { project: identity } });
  assert.is(without.length, 12);
  assert.is(new Set(titles).size, 13);
  assert.ok(titles.every((title) => title.startsWith("it: ")));
});

test.run();
