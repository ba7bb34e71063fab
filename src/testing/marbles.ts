import { AssertionError } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";
import type { ObservableNotification } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import type { RunHelpers } from "rxjs/testing";

interface TestMessage {
  readonly frame: number;
  readonly notification: ObservableNotification<unknown>;
}

interface SubscriptionLog {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

/** What `TestScheduler.run` gives, and the scheduler itself. */
export interface MarbleHelpers extends RunHelpers {
  /** Its frame is virtual time in milliseconds; schedule on it what marbles cannot say. */
  readonly scheduler: TestScheduler;
}

/**
 * Runs a marble test in virtual time and compares what came with what was expected.
 *
 * It is `TestScheduler.run` with a comparison of its own, which any test runner shows well: a
 * mismatch throws an `AssertionError` that lists both sides by frame. Errors are compared by name,
 * message and fields (`code`, `reason`, …), where many a deep-equal finds any two errors equal; a
 * plain object with the same fields stands for an error.
 *
 * @example
 * ```ts
 * marbles(({ cold, expectObservable }) => {
 *   const source = cold("  a-b-|   ");
 *   const expected = "     ----(x|)";
 *   expectObservable(source.pipe(toArray())).toBe(expected, { x: ["a", "b"] });
 * });
 * ```
 * @returns what `fn` returns.
 */
export function marbles<R>(fn: (helpers: MarbleHelpers) => R): R {
  const scheduler = new TestScheduler(compare);
  return scheduler.run((helpers) => fn({ ...helpers, scheduler }));
}

function compare(actual: unknown, expected: unknown): void {
  const actualSide = comparable(actual);
  const expectedSide = comparable(expected);
  if (isDeepStrictEqual(actualSide, expectedSide)) return;
  const actualRows = rowsOf(actualSide);
  const expectedRows = rowsOf(expectedSide);
  throw new AssertionError({
    message: [
      "The streams differ",
      "  expected:",
      ...marked(expectedRows, actualRows),
      "  actual:",
      ...marked(actualRows, expectedRows),
    ].join("\n"),
    actual: actualRows,
    expected: expectedRows,
    operator: "marbles",
  });
}

/** The value with each error in it as a plain object, which a deep-equal can tell apart. */
function comparable(value: unknown, seen: Map<unknown, unknown> = new Map()): unknown {
  if (!isCopied(value)) return value;
  if (seen.has(value)) return seen.get(value);
  const copy: Record<string, unknown> = Array.isArray(value) ? ([] as never) : {};
  seen.set(value, copy);
  for (const field of fieldsOf(value)) copy[field] = comparable(value[field], seen);
  return copy;
}

/** What may hold an error; other objects are compared as they are. */
function isCopied(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || value instanceof Error) return true;
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** Of an error the hidden ones too (`message`, `cause`), without the stack, which never is equal. */
function fieldsOf(value: object): string[] {
  if (!(value instanceof Error)) return Object.keys(value);
  return ["name", ...Object.getOwnPropertyNames(value).filter((field) => field !== "stack")];
}

/** One notification or one subscription a row. */
function rowsOf(side: unknown): string[] {
  return Array.isArray(side) ? side.map(rowOf) : [shown(side)];
}

function rowOf(row: TestMessage | SubscriptionLog): string {
  if ("subscribedFrame" in row) {
    return `subscribed at ${row.subscribedFrame}, unsubscribed at ${row.unsubscribedFrame}`;
  }
  const { frame, notification } = row;
  if (notification.kind === "C") return `${frame}: complete`;
  return notification.kind === "N"
    ? `${frame}: next ${shown(notification.value)}`
    : `${frame}: error ${shown(notification.error)}`;
}

function shown(value: unknown): string {
  return inspect(value, { breakLength: Infinity, depth: 8, maxArrayLength: 200 });
}

/** The rows of one side; those that the other side has not are marked. */
function marked(rows: readonly string[], others: readonly string[]): string[] {
  if (rows.length === 0) return ["      nothing"];
  return rows.map((row) => `  ${others.includes(row) ? " " : ">"}   ${row}`);
}
