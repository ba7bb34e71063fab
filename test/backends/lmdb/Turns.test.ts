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

test("however many take steps, others wait for a millisecond and one step of each", async () => {
  await atTimes(async (setMs) => {
    const turns = new Turns();
    const [walkers, steps, stepMs] = [10, 100, 0.1];
    let nowMs = 10;
    setMs(nowMs);
    const walk = async (): Promise<void> => {
      for (let step = 0; step < steps; step += 1) {
        await turns.next();
        setMs((nowMs += stepMs));
      }
    };
    const turnsAtMs: number[] = [];
    const look = (): void => {
      turnsAtMs.push(nowMs);
      if (nowMs < 10 + walkers * steps * stepMs - 1e-6) setImmediate(look);
    };
    setImmediate(look);
    await Promise.all(Array.from({ length: walkers }, walk));
    await new Promise((resolve) => setImmediate(resolve));
    const gaps = turnsAtMs.slice(1).map((ms, index) => ms - (turnsAtMs[index] as number));
    assert.ok(gaps.length >= 50, `${gaps.length} turns`);
    assert.ok(Math.max(...gaps) < 1 + walkers * stepMs + 1e-6, `${Math.max(...gaps)} ms`);
  });
});

test.run();
