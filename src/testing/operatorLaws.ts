import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { config, NEVER, Observable, Subject, Subscription, takeUntil } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { marbles } from "./marbles.ts";

/** An operator that is to be held against the laws. */
export interface OperatorLawsConfig {
  /** Stands before each title. */
  readonly name: string;
  /**
   * Makes the operator; called within virtual time, once for each law. What the operator stands on,
   * such as a run, must be made anew with it.
   */
  readonly operator: () => OperatorFunction<number, unknown>;
  /**
   * The items of the source that one output stands for. Default: the output itself, or what is in
   * it where it is an array.
   */
  readonly itemsOf?: (output: unknown) => readonly unknown[];
  /** Operators with a callback that throws the error given, by the name of the callback. */
  readonly throwing?: Readonly<Record<string, (error: Error) => OperatorFunction<number, unknown>>>;
  /** What registers a test in the runner at hand. */
  readonly test: (title: string, fn: () => void) => void;
}

type UnderTest = Pick<OperatorLawsConfig, "operator" | "itemsOf">;
type Law = readonly [title: string, check: (subject: UnderTest) => void];

const ITEMS = { a: 1, b: 2, c: 3, d: 4, e: 5 };
const LONG_AFTERWARDS_MS = 100_000;
const BOOM = new Error("boom");

/**
 * Registers the tests that every operator of this package passes, for those who write their own.
 *
 * The operator under test passes on every item, changed or gathered as it likes, sooner or later,
 * in order. The laws run in virtual time and import no test runner.
 *
 * @example
 * ```ts
 * operatorLaws({
 *   name: "batches",
 *   operator: () => bufferTimeOrCount({ maxWaitMs: 5, maxCount: 100 }),
 *   test,
 * });
 * ```
 */
export function operatorLaws({ name, test, throwing = {}, ...subject }: OperatorLawsConfig): void {
  for (const [title, check] of LAWS) test(`${name}: ${title}`, () => check(subject));
  for (const [callback, operator] of Object.entries(throwing)) {
    test(`${name}: errors with what ${callback} throws`, () =>
      errorsWithWhatIsThrown({ operator: () => operator(BOOM) }));
  }
}

const LAWS: readonly Law[] = [
  ["emits nothing of its own", emitsNothingOfItsOwn],
  ["completes at once with an empty source", completesWithAnEmptySource],
  ["errors at once with a failing source", errorsWithAFailingSource],
  ["lets every item out before it completes", (subject) => letsEverythingOut(subject, "|")],
  ["lets every item out before it errors", (subject) => letsEverythingOut(subject, "#")],
  ["unsubscribes from its source when downstream leaves", unsubscribesFromItsSource],
  ["stops a synchronous source when downstream leaves", stopsASynchronousSource],
  ["keeps its state per subscription", keepsItsStatePerSubscription],
  ["does nothing after completion", (subject) => doesNothingAfterItsEnd(subject, "|")],
  ["does nothing after an error", (subject) => doesNothingAfterItsEnd(subject, "#")],
  ["lets downstream leave from within next", letsDownstreamLeaveWithinNext],
  ["takes items that are pushed from within next", takesItemsPushedWithinNext],
];

function emitsNothingOfItsOwn({ operator }: UnderTest): void {
  marbles(({ expectObservable }) => {
    expectObservable(NEVER.pipe(operator()), "^ 1m !").toBe("-");
  });
}

function completesWithAnEmptySource({ operator }: UnderTest): void {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold<number>("--|   ");
    const subs = "               ^-!   ";
    const expected = "           --|   ";
    expectObservable(source.pipe(operator())).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
}

function errorsWithAFailingSource({ operator }: UnderTest): void {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold<number>("--#   ", undefined, BOOM);
    const subs = "               ^-!   ";
    const expected = "           --#   ";
    expectObservable(source.pipe(operator())).toBe(expected, undefined, BOOM);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
}

function letsEverythingOut(subject: UnderTest, end: "|" | "#"): void {
  marbles(({ cold, flush }) => {
    const source = cold<number>(`a-b-(cd)-e${end}`, ITEMS, BOOM);
    const outcome = watch(subject, source.pipe(subject.operator()));
    flush();
    deepStrictEqual(outcome.items, [1, 2, 3, 4, 5]);
    deepStrictEqual(outcome.ends, end === "|" ? ["complete"] : [BOOM]);
  });
}

function unsubscribesFromItsSource({ operator }: UnderTest): void {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold<number>("ab-c-d-e-|", ITEMS);
    const subs = "               ^---!     ";
    expectObservable(source.pipe(operator()), subs);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
}

function stopsASynchronousSource(subject: UnderTest): void {
  marbles(() => {
    const leaves$ = new Subject<void>();
    let pulled = 0;
    const source = new Observable<number>((subscriber) => {
      while (pulled < 1000 && !subscriber.closed) {
        pulled += 1;
        subscriber.next(pulled);
        if (pulled === 3) leaves$.next();
      }
    });
    const outcome = watch(subject, source.pipe(subject.operator(), takeUntil(leaves$)));
    strictEqual(pulled, 3, `pulled ${pulled} items, 3 of them before downstream left`);
    deepStrictEqual(outcome.ends, ["complete"]);
  });
}

function keepsItsStatePerSubscription(subject: UnderTest): void {
  marbles(({ cold, flush, scheduler }) => {
    const operate = subject.operator();
    const abc$ = operate(cold<number>("a-b-c-|", ITEMS));
    const de$ = operate(cold<number>("-d-e-|", ITEMS));
    const first = watch(subject, abc$);
    const other = watch(subject, de$);
    const late: Outcome[] = [];
    for (const frame of [1, LONG_AFTERWARDS_MS]) {
      scheduler.schedule(() => late.push(watch(subject, abc$)), frame);
    }
    flush();
    deepStrictEqual(other, { items: [4, 5], ends: ["complete"] });
    for (const outcome of [first, ...late]) {
      deepStrictEqual(outcome, { items: [1, 2, 3], ends: ["complete"] });
    }
  });
}

/** RxJS keeps late notifications from downstream: who sends one has forgotten a timer. */
function doesNothingAfterItsEnd({ operator }: UnderTest, end: "|" | "#"): void {
  const late: unknown[] = [];
  const before = config.onStoppedNotification;
  try {
    marbles(({ cold, flush }) => {
      const source = cold<number>(`a-b-c${end}`, ITEMS, BOOM);
      const downstream = source.pipe(operator()).subscribe({ error: () => {} });
      config.onStoppedNotification = (notification, subscriber) => {
        if (subscriber === downstream) late.push(notification);
      };
      flush();
      ok(downstream.closed, "the result does not end with its source");
    });
  } finally {
    config.onStoppedNotification = before;
  }
  deepStrictEqual(late, []);
}

function errorsWithWhatIsThrown(subject: UnderTest): void {
  marbles(({ cold, flush }) => {
    const source = cold<number>("--a-b-c-", ITEMS);
    const outcome = watch(subject, source.pipe(subject.operator()));
    flush();
    deepStrictEqual(outcome, { items: [], ends: [BOOM] });
    strictEqual(outcome.ends[0], BOOM);
    ok(Number.isFinite(source.subscriptions[0]?.unsubscribedFrame), "the source was not left");
  });
}

function letsDownstreamLeaveWithinNext(subject: UnderTest): void {
  marbles(({ flush, scheduler }) => {
    const source = new Subject<number>();
    const downstream = new Subscription();
    const observedAfterwards: unknown[] = [];
    downstream.add(
      source.pipe(subject.operator()).subscribe({
        next: () => {
          downstream.unsubscribe();
          observedAfterwards.push(source.observed);
          source.next(0);
        },
        error: (error: unknown) => observedAfterwards.push(error),
      }),
    );
    for (const item of [1, 2, 3]) scheduler.schedule(() => source.next(item), item);
    scheduler.schedule(() => source.complete(), LONG_AFTERWARDS_MS);
    flush();
    deepStrictEqual(observedAfterwards, [false], "one output, and the source is left at once");
  });
}

function takesItemsPushedWithinNext(subject: UnderTest): void {
  marbles(({ flush, scheduler }) => {
    const source = new Subject<number>();
    const pushed: number[] = [];
    let isComplete = false;
    const push = (): void => {
      if (isComplete || pushed.length === 10) return;
      const item = pushed.length + 1;
      pushed.push(item);
      source.next(item);
    };
    const outcome = watch(subject, source.pipe(subject.operator()), push);
    scheduler.schedule(push, 1);
    scheduler.schedule(() => {
      isComplete = true;
      source.complete();
    }, LONG_AFTERWARDS_MS);
    flush();
    deepStrictEqual(outcome, { items: pushed, ends: ["complete"] });
  });
}

interface Outcome {
  /** The items in what came, in order. */
  readonly items: unknown[];
  /** `complete`, or the error; more than one would be a fault. */
  readonly ends: unknown[];
}

function watch(
  { itemsOf = (output) => (Array.isArray(output) ? output : [output]) }: UnderTest,
  result$: Observable<unknown>,
  onOutput: () => void = () => {},
): Outcome {
  const outcome: Outcome = { items: [], ends: [] };
  result$.subscribe({
    next: (output) => {
      outcome.items.push(...itemsOf(output));
      onOutput();
    },
    error: (error: unknown) => outcome.ends.push(error),
    complete: () => outcome.ends.push("complete"),
  });
  return outcome;
}
