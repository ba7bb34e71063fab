import {
  asyncScheduler,
  delay,
  from,
  mergeMap,
  NEVER,
  of,
  throwError,
  timer,
  type Observable,
} from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunLog } from "../../src/backends/Backend.ts";
import { MemoryBackend } from "../../src/backends/memory/MemoryBackend.ts";
import { MemoryRunLog } from "../../src/backends/memory/MemoryRunLog.ts";
import { StoredRun } from "../../src/backends/memory/StoredRun.ts";
import { LogFollower } from "../../src/runs/LogFollower.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { frameOf, manifestOf } from "../backends/lmdb/sampleFrames.ts";
import { overridden } from "./support/wrappedCatalog.ts";

const test = suite("LogFollower");

interface Followed {
  readonly backend: MemoryBackend;
  /** What was emitted, with the virtual time of each. */
  readonly seen: string[];
  readonly stop: () => void;
  readonly at: (ms: number, step: () => void) => void;
}

/** Follows a run in memory in virtual time, until a minute is over. */
function following(
  script: (followed: Followed) => void,
  change: (log: RunLog) => Partial<RunLog> = () => ({}),
  goesOn: (backend: MemoryBackend) => Observable<boolean> = () => of(true),
): string[] {
  return marbles(({ scheduler, flush }) => {
    const stored = new StoredRun(manifestOf(1n));
    const backend = new MemoryBackend(stored);
    const memory: RunLog = new MemoryRunLog(stored);
    const log = overridden(memory, change(memory));
    const seen: string[] = [];
    const tell = (what: unknown): number => seen.push(`${asyncScheduler.now()} ${String(what)}`);
    const subscription = new LogFollower(log, () => goesOn(backend)).watermark$.subscribe({
      next: tell,
      error: ({ code }) => tell(code),
      complete: () => tell("|"),
    });
    const stop = (): void => subscription.unsubscribe();
    script({ backend, seen, stop, at: (ms, step) => scheduler.schedule(step, ms) });
    scheduler.schedule(stop, 60_000);
    flush();
    return seen;
  });
}

function append(backend: MemoryBackend, seq: number): void {
  backend.append([frameOf(seq, 1)]).subscribe({ error: assert.unreachable });
}

test("gives the watermark as it is, then each later one, and ends with the seal", () => {
  const seen = following(({ backend, at }) => {
    at(10, () => append(backend, 1));
    at(30, () => append(backend, 2));
    at(50, () => backend.seal("ended"));
  });
  assert.equal(seen, ["0 0", "10 1", "30 2", "50 |"]);
});

test("looks once, some milliseconds after the last look, however often it is told", () => {
  const seen = following(({ backend, at }) => {
    for (let seq = 1; seq <= 12; seq += 1) at(9 + seq, () => append(backend, seq));
  });
  assert.equal(seen, ["0 0", "10 1", "15 6", "20 11", "25 12"]);
});

test("forgets nothing that it is told while a look takes its time", () => {
  const seen = following(
    ({ backend, at }) => {
      for (const [ms, seq] of [
        [10, 1],
        [18, 2],
        [25, 3],
      ] as const) {
        at(ms, () => append(backend, seq));
      }
    },
    (log) => ({ refresh: () => from(log.refresh()).pipe(delay(20)) }),
  );
  assert.equal(seen, ["20 0", "40 2", "60 3"]);
});

for (const [what, changes$] of [
  ["cannot tell", undefined],
  ["fails to tell", throwError(() => new Error("no watch"))],
] as const) {
  test(`looks every 20 ms where the log ${what} of its changes`, () => {
    const seen = following(
      ({ backend, at }) => at(50, () => append(backend, 1)),
      () => ({ changes$ }) as Partial<RunLog>,
    );
    assert.equal(seen, ["0 0", "60 1"]);
  });
}

test("looks every second even where it is told nothing", () => {
  const seen = following(
    ({ backend, at }) => at(1_500, () => append(backend, 1)),
    () => ({ changes$: NEVER }),
  );
  assert.equal(seen, ["0 0", "2000 1"]);
});

test("ends where nobody writes any more, with what was written last", () => {
  let isWritten = true;
  const seen = following(
    ({ backend, at }) => {
      at(1_500, () => append(backend, 1));
      at(2_500, () => {
        isWritten = false;
      });
    },
    undefined,
    () => of(isWritten),
  );
  assert.equal(seen, ["0 0", "1500 1", "4000 |"]);
});

test("asks every second, whatever it is told just then", () => {
  // A look at 998 holds that of the ask up, and what is told at 1001 is seen by the same one.
  const told$ = from([998, 1_001, 1_998, 2_001]).pipe(mergeMap((ms) => timer(ms)));
  const seen = following(
    () => {},
    () => ({ changes$: told$ }),
    () => of(false),
  );
  assert.equal(seen, ["0 0", "2003 |"]);
});

test("sees what is written while it asks whether anybody writes", () => {
  let asked = 0;
  const seen = following(
    () => {},
    undefined,
    (backend) => {
      asked += 1;
      if (asked === 1) append(backend, 1);
      return of(false);
    },
  );
  assert.equal(seen, ["0 0", "1000 1", "2000 |"]);
});

test("sees a commit that lands when nobody writes any more, and ends a quiet second later", () => {
  const seen = following(
    ({ backend, at }) => at(1_500, () => append(backend, 1)),
    undefined,
    () => of(false),
  );
  assert.equal(seen, ["0 0", "1500 1", "3000 |"]);
});

test("does not end at a nobody that somebody came after", () => {
  const answers = [false, true, false, false];
  const seen = following(
    () => {},
    undefined,
    () => of(answers.shift() ?? assert.unreachable() ?? false),
  );
  assert.equal(seen, ["0 0", "4000 |"]);
});

test("errors where the log goes back", () => {
  let watermark = 3;
  const seen = following(
    ({ at }) =>
      at(100, () => {
        watermark = 2;
      }),
    () => ({ refresh: () => of(watermark) }),
  );
  assert.equal(seen, ["0 3", "1000 TIDEMARK_CORRUPTED"]);
});

test("leaves nothing that runs on when nobody listens any more", () => {
  const stored = new StoredRun(manifestOf(1n));
  marbles(({ scheduler, flush }) => {
    const { watermark$ } = new LogFollower(new MemoryRunLog(stored), () => of(true));
    for (const ms of [0, 3, 50, 2_000]) {
      const subscription = watermark$.subscribe({ error: assert.unreachable });
      scheduler.schedule(() => subscription.unsubscribe(), ms);
    }
    flush();
    // Nothing is left to be done: virtual time would go on for ever.
    assert.is(scheduler.actions.length, 0);
  });
});

test.run();
