import { suite } from "uvu";
import * as assert from "uvu/assert";
import { marbles, memoryRun } from "tidemark/testing";

const test = suite("halt before pressure");

test("a stall tells the halt before the change of pressure that emptying the line raises", () => {
  marbles(({ flush, scheduler }) => {
    const run = memoryRun({ faults: [{ at: 1, never: true }], writer: { queueCapacity: 4 } });
    const told: string[] = [];
    run.pressure$.subscribe(({ level }) => told.push(level));
    run.halt$.subscribe(({ kind }) => told.push(kind));
    const submit = (count: number): void => {
      for (let n = 0; n < count; n += 1) {
        run.submissions.next({ topic: "t", payloadType: "p", payload: "" });
      }
    };
    // One for the commit that hangs, and then more than the queue has room for.
    submit(1);
    scheduler.schedule(() => submit(5), 10);
    flush();
    assert.equal(told, ["clear", "rising", "stalling", "backpressure-stall", "rising"]);
  });
});

test.run();
