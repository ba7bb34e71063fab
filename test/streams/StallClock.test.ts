import { asyncScheduler, type SchedulerLike, type Subscription } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StallClock, type Arrival } from "../../src/streams/StallClock.ts";
import { marbles } from "../../src/testing/marbles.ts";

const test = suite("StallClock");

/** A line of people under a clock that can be put forward and back, and when it stalled. */
function lineOf(thresholdMs: number): {
  readonly join: () => void;
  readonly leave: () => void;
  readonly jump: (ms: number) => void;
  readonly stalls: number[];
} {
  const startedAt = asyncScheduler.now();
  let offsetMs = 0;
  const scheduler: SchedulerLike = {
    now: () => asyncScheduler.now() + offsetMs,
    schedule: asyncScheduler.schedule.bind(asyncScheduler),
  };
  const line: Arrival[] = [];
  const stalls: number[] = [];
  const clock = new StallClock({
    thresholdMs,
    scheduler,
    oldest: () => line[0],
    onStall: () => stalls.push(asyncScheduler.now() - startedAt),
  });
  return {
    join: () => {
      const arrivedAt = scheduler.now();
      line.push({ mark: clock.markOfArrival(arrivedAt), arrivedAt });
    },
    leave: () => {
      line.shift();
      if (line.length === 0) clock.reset();
    },
    jump: (ms) => {
      offsetMs += ms;
    },
    stalls,
  };
}

for (const jumpMs of [3_600_000, -3_600_000]) {
  const direction = jumpMs > 0 ? "forward" : "back";

  test(`stalls nobody early whose clock jumps ${direction}`, () => {
    const stalls = marbles(({ flush, scheduler }) => {
      const line = lineOf(100);
      line.join();
      scheduler.schedule(() => line.jump(jumpMs), 10);
      scheduler.schedule(() => line.join(), 20);
      scheduler.schedule(() => line.leave(), 95);
      scheduler.schedule(() => line.leave(), 115);
      flush();
      return line.stalls;
    });
    assert.equal(stalls, []);
  });

  test(`still fires in time when the clock jumps ${direction} while someone waits`, () => {
    const stalls = marbles(({ flush, scheduler }) => {
      const line = lineOf(100);
      line.join();
      scheduler.schedule(() => line.jump(jumpMs), 10);
      flush();
      return line.stalls;
    });
    assert.equal(stalls, [100]);
  });

  test(`judges who arrives after the clock jumped ${direction} by a timer of its own`, () => {
    const stalls = marbles(({ flush, scheduler }) => {
      const line = lineOf(100);
      line.join();
      scheduler.schedule(() => line.jump(jumpMs), 10);
      scheduler.schedule(() => line.join(), 10);
      scheduler.schedule(() => line.leave(), 50);
      flush();
      return line.stalls;
    });
    assert.equal(stalls, [110]);
  });
}

test("gives one who shares a timer with another the time that it came later", () => {
  const stalls = marbles(({ flush, scheduler }) => {
    const line = lineOf(2_560);
    line.join();
    scheduler.schedule(() => line.join(), 9);
    scheduler.schedule(() => line.leave(), 20);
    flush();
    return line.stalls;
  });
  assert.equal(stalls, [2_569]);
});

test("judges again each time that another one's time is up", () => {
  const stalls = marbles(({ flush, scheduler }) => {
    const line = lineOf(100);
    line.join();
    scheduler.schedule(() => line.join(), 30);
    flush();
    return line.stalls;
  });
  assert.equal(stalls, [100, 130]);
});

test("forgets all of them at a reset", () => {
  const stalls = marbles(({ flush, scheduler }) => {
    const line = lineOf(100);
    line.join();
    scheduler.schedule(() => line.leave(), 99);
    scheduler.schedule(() => line.join(), 99);
    flush();
    return line.stalls;
  });
  assert.equal(stalls, [199]);
});

test("keeps no timer that has fired, though the line is never empty", () => {
  const kept = marbles(({ flush, scheduler }) => {
    const timers: Subscription[] = [];
    const clock = new StallClock({
      thresholdMs: 100,
      scheduler: {
        now: () => scheduler.now(),
        schedule: (...args: Parameters<SchedulerLike["schedule"]>) => {
          const timer = scheduler.schedule(...args);
          timers.push(timer);
          return timer;
        },
      },
      oldest: () => ({ mark: Number.MAX_SAFE_INTEGER, arrivedAt: scheduler.now() }),
      onStall: () => assert.unreachable(),
    });
    const arrive = (count: number): void => {
      clock.markOfArrival(scheduler.now());
      if (count < 10_000) scheduler.schedule(() => arrive(count + 1), 1);
    };
    arrive(1);
    flush();
    return timers.filter((timer) => !timer.closed).length;
  });
  assert.is(kept, 0);
});

test.run();
