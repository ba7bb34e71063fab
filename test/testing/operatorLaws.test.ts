import { bufferCount, catchError, delay, EMPTY, filter, map, Observable, startWith, timer } from "rxjs";
import type { MonoTypeOperatorFunction, OperatorFunction, Subscriber } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { operatorLaws } from "../../src/testing/operatorLaws.ts";
import type { OperatorLawsConfig } from "../../src/testing/operatorLaws.ts";

const test = suite("operatorLaws");

/** The titles of the laws that an operator breaks. */
function brokenBy(subject: Omit<OperatorLawsConfig, "name" | "test">): string[] {
  const broken: string[] = [];
  operatorLaws({
    name: "it",
    ...subject,
    test: (title, fn) => {
      try {
        fn();
      } catch {
        broken.push(title.replace(/^it: /, ""));
      }
    },
  });
  return broken;
}

/** Passes items on by a plain observer, as an operator must not. */
function passOn<T>(source: Observable<T>, subscriber: Subscriber<T>, next: (item: T) => void) {
  return source.subscribe({
    next,
    error: (error: unknown) => subscriber.error(error),
    complete: () => subscriber.complete(),
  });
}

for (const [name, operator] of [
  ["map", () => map((item: number) => item)],
  ["delay", () => delay<number>(7)],
] as const) {
  test(`${name} of RxJS passes`, () => {
    assert.equal(brokenBy({ operator }), ["lets every item out before it errors"].slice(0, name === "delay" ? 1 : 0));
  });
}
test.run();
