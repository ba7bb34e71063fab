import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Fifo } from "../../src/streams/Fifo.ts";

const test = suite("Fifo");

/** What a step gives, on either of the two. */
type Step = (list: Fifo<number> | Model) => unknown;

/** The same list, plain and slow. */
class Model {
  items: number[] = [];
  get length(): number {
    return this.items.length;
  }
  push(item: number): void {
    this.items.push(item);
  }
  peek(): number | undefined {
    return this.items[0];
  }
  shift(): number | undefined {
    return this.items.shift();
  }
  takeAll(): number[] {
    return this.items.splice(0);
  }
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.integer().map(
      (item): Step =>
        (list) =>
          list.push(item),
    ),
  },
  { weight: 3, arbitrary: fc.constant<Step>((list) => list.shift()) },
  { weight: 1, arbitrary: fc.constant<Step>((list) => list.peek()) },
  { weight: 1, arbitrary: fc.constant<Step>((list) => list.takeAll()) },
  // Far beyond the slack after which the array is cut.
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3000 }).map((count): Step => (list) => {
      for (let item = 0; item < count; item += 1) list.push(item);
    }),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3000 }).map(
      (count): Step =>
        (list) =>
          Array.from({ length: count }, () => list.shift()),
    ),
  },
);

test("does what an array does, whatever is done to it", () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (sequence) => {
      const fifo = new Fifo<number>();
      const model = new Model();
      for (const step of sequence) {
        assert.equal(step(fifo), step(model));
        assert.is(fifo.length, model.length);
        assert.is(fifo.peek(), model.peek());
      }
    }),
  );
});

test("costs the same per item at any length", () => {
  const fifo = new Fifo<number>();
  const started = performance.now();
  for (let item = 0; item < 300_000; item += 1) fifo.push(item);
  for (let item = 0; item < 300_000; item += 1) assert.is(fifo.shift(), item);
  // An array's own shift takes minutes for this; the bound is that of a slow machine.
  assert.ok(performance.now() - started < 5_000);
  assert.is(fifo.length, 0);
});

test.run();
