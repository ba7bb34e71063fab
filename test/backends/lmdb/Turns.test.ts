import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Turns } from "../../../src/backends/lmdb/Turns.ts";

const test = suite("Turns");

/** Lets a step be taken at times that it sets. */
async function atTimes(step: (setMs: (nowMs: number) => void) => Promise<void>): Promise<void> {
  const { performance } = globalThis;
  let nowMs = 0;
  Object.defineProperty(globalThis, "performance", {
    value: { now: () => nowMs },
    configurable: true,
  });
  try {
    await step((ms) => void (nowMs = ms));
  } finally {
    Object.defineProperty(globalThis, "performance", { value: performance, configurable: true });
  }
}

/** Whether others had their turn while a step was taken. */
async function isGivenUp(step: () => Promise<void>): Promise<boolean> {
  let hadTurn = false;
  const other = setImmediate(() => void (hadTurn = true));
  await step();
  clearImmediate(other);
  return hadTurn;
}

test("a turn is given up first, kept for a millisecond, and given up again", async () => {
  await atTimes(async (setMs) => {
    const turns = new Turns();
    const next = (): Promise<void> => turns.next();
    setMs(10);
    assert.ok(await isGivenUp(next));
    for (const ms of [10, 10.5, 10.999]) {
      setMs(ms);
      assert.not(await isGivenUp(next), `${ms}`);
    }
    setMs(11);
    assert.ok(await isGivenUp(next));
    setMs(11.5);
    assert.not(await isGivenUp(next));
  });
});

test.run();
