import { setImmediate } from "node:timers/promises";
import { asyncScheduler, Subject, takeUntil } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { answerWithin } from "../../src/streams/answerWithin.ts";

const test = suite("answerWithin");

test("leaves no rejection behind where the wait is ended while it starts", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    const ended = new Subject<void>();
    const start = (): Promise<never> => {
      ended.next();
      return Promise.reject(new Error("late"));
    };
    const config = { timeoutMs: 1_000, scheduler: asyncScheduler };
    const told: string[] = [];
    answerWithin(start, config)
      .pipe(takeUntil(ended))
      .subscribe({ error: () => told.push("error"), complete: () => told.push("complete") });
    await setImmediate();
    assert.equal(told, ["complete"]);
    assert.equal(unhandled, []);
  } finally {
    process.off("unhandledRejection", note);
  }
});

test.run();
