import { defer, NEVER, type ObservableInput } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Backend } from "../../src/backends/Backend.ts";
import { MemoryBackend } from "../../src/backends/memory/MemoryBackend.ts";
import { StoredRun } from "../../src/backends/memory/StoredRun.ts";
import { InvalidConfigError } from "../../src/model/errors.ts";
import { anchorOf } from "../../src/testing/contract/anchorLaws.ts";
import { frameOf } from "../../src/testing/contract/frames.ts";
import { manifestOf } from "../../src/testing/contract/LawScope.ts";
import type { Fault } from "../../src/testing/Fault.ts";
import { faultyBackend, type FaultyBackendConfig } from "../../src/testing/faultyBackend.ts";
import { marbles, type MarbleHelpers } from "../../src/testing/marbles.ts";

const test = suite("faultyBackend");

/** Every field of the error. */
const DISK_FULL = {
  name: "DiskError",
  message: "A fault: no space left on device",
  code: "TIDEMARK_DISK",
  errno: 28,
};

interface Bench {
  readonly memory: Backend;
  readonly faulty: Backend;
}

/** A marble test over a faulty backend whose time is virtual. */
function faultyMarbles(
  config: FaultyBackendConfig,
  fn: (bench: Bench, helpers: MarbleHelpers) => void,
): void {
  marbles((helpers) => {
    const memory = new MemoryBackend(new StoredRun(manifestOf()));
    const faulty = faultyBackend(memory, { ...config, scheduler: helpers.scheduler });
    fn({ memory, faulty }, helpers);
  });
}

/** Appends one frame; the call is made at once. */
function appendTo(
  backend: Backend,
  fromSeq: number,
  count = 1,
): ObservableInput<{ toSeq: number }> {
  return backend.append([frameOf(backend, fromSeq, count)]);
}

test("answers at once, synchronously, without commitMs", () => {
  faultyMarbles({}, ({ memory, faulty }, { expectObservable }) => {
    expectObservable(defer(() => appendTo(faulty, 1, 3))).toBe("(a|)", { a: { toSeq: 3 } });
    expectObservable(defer(() => faulty.seal("ended"))).toBe("(a|)", {
      a: manifestOf({ status: "ended", highWatermark: 3, endTsInit: 3_000n }),
    });
    assert.is(memory.watermark, 0);
  });
});

test("lands each append when commitMs are over, and no sooner", () => {
  faultyMarbles({ commitMs: 5 }, ({ memory, faulty }, { expectObservable, scheduler }) => {
    const watermarks: number[] = [];
    expectObservable(appendTo(faulty, 1, 2) as never).toBe("5ms (a|)", { a: { toSeq: 2 } });
    for (const dueMs of [4, 6]) {
      scheduler.schedule(() => watermarks.push(memory.watermark, faulty.watermark), dueMs);
    }
    scheduler.schedule(() => assert.equal(watermarks, [0, 0, 2, 2]), 7);
  });
});

test("lands an append that nobody waits for any more", () => {
  faultyMarbles({ commitMs: 5 }, ({ memory, faulty }, { flush }) => {
    appendTo(faulty, 1);
    flush();
    assert.is(memory.watermark, 1);
  });
});

test("lands an append once for two subscribers", () => {
  faultyMarbles({ commitMs: 5 }, ({ memory, faulty }, { expectObservable, flush }) => {
    const answer = appendTo(faulty, 1) as never;
    expectObservable(answer).toBe("5ms (a|)", { a: { toSeq: 1 } });
    expectObservable(answer, "8ms ^").toBe("8ms (a|)", { a: { toSeq: 1 } });
    flush();
    assert.is(memory.watermark, 1);
  });
});

test("fails the append that would make the seq durable, and lands nothing of it", () => {
  for (const [fail, error] of [
    ["disk", { name: "DiskError", code: "TIDEMARK_DISK", errno: 28 }],
    ["corrupted", { name: "CorruptedError", code: "TIDEMARK_CORRUPTED" }],
    ["error", { name: "BackendError", code: "TIDEMARK_BACKEND" }],
    ["fenced", { name: "FencedError", code: "TIDEMARK_FENCED", epoch: 1, foundEpoch: 2 }],
  ] as const) {
    faultyMarbles({ faults: [{ at: 4, fail }] }, ({ memory, faulty }, { flush }) => {
      const failures: unknown[] = [];
      defer(() => appendTo(faulty, 1, 3)).subscribe();
      for (let attempt = 0; attempt < 2; attempt += 1) {
        defer(() => appendTo(faulty, 4, 2)).subscribe({ error: (e: unknown) => failures.push(e) });
      }
      flush();
      assert.is(failures.length, 2);
      for (const failure of failures as Record<string, unknown>[]) {
        for (const [field, value] of Object.entries(error)) assert.is(failure[field], value);
      }
      assert.is(memory.watermark, 3);
    });
  }
});

test("strikes at the first and the last seq of an append, and at no other append", () => {
  for (const [at, watermark] of [
    [1, 0],
    [3, 0],
    [4, 3],
    [6, 3],
    [7, 6],
  ] as const) {
    faultyMarbles({ faults: [{ at, fail: "disk" }] }, ({ memory, faulty }) => {
      defer(() => appendTo(faulty, 1, 3)).subscribe({ error: () => undefined });
      defer(() => appendTo(faulty, 4, 3)).subscribe({ error: () => undefined });
      assert.is(memory.watermark, watermark, `at ${at}`);
    });
  }
});

test("stalls an append beyond its commitMs", () => {
  const config: FaultyBackendConfig = { commitMs: 5, faults: [{ at: 2, stallMs: 100 }] };
  faultyMarbles(config, ({ memory, faulty }, { expectObservable, flush }) => {
    expectObservable(appendTo(faulty, 1, 2) as never).toBe("105ms (a|)", { a: { toSeq: 2 } });
    flush();
    assert.is(memory.watermark, 2);
  });
});

test("fails after the stall where an append has both", () => {
  const config: FaultyBackendConfig = {
    faults: [
      { at: 1, stallMs: 7 },
      { at: 1, fail: "disk" },
    ],
  };
  faultyMarbles(config, ({ memory, faulty }, { expectObservable, flush }) => {
    expectObservable(appendTo(faulty, 1) as never).toBe("7ms #", undefined, DISK_FULL);
    flush();
    assert.is(memory.watermark, 0);
  });
});

test("never settles, and never lands, on demand", () => {
  faultyMarbles(
    { faults: [{ at: 1, never: true }] },
    ({ memory, faulty }, { expectObservable, flush }) => {
      expectObservable(appendTo(faulty, 1) as never, "^ 10s !").toBe("-");
      flush();
      assert.is(memory.watermark, 0);
    },
  );
});

test("takes one append ahead, whose time begins when the one before has settled, failed or not", () => {
  const config: FaultyBackendConfig = { commitMs: 5, faults: [{ at: 2, fail: "error" }] };
  faultyMarbles(config, ({ memory, faulty }, { scheduler, flush }) => {
    const told: string[] = [];
    const appendAt = (dueMs: number, fromSeq: number): void => {
      scheduler.schedule(() => {
        defer(() => appendTo(faulty, fromSeq)).subscribe({
          next: ({ toSeq }) => told.push(`${scheduler.now()}: ${toSeq}`),
          error: ({ code }: { code: string }) => told.push(`${scheduler.now()}: ${code}`),
        });
      }, dueMs);
    };
    appendAt(0, 1);
    appendAt(3, 2);
    appendAt(4, 3);
    appendAt(6, 3);
    appendAt(17, 1);
    appendAt(18, 2);
    flush();
    assert.equal(told, [
      "4: TIDEMARK_LOCKED",
      "5: 1",
      "10: TIDEMARK_BACKEND",
      "15: TIDEMARK_OUT_OF_ORDER",
      "22: TIDEMARK_OUT_OF_ORDER",
      "27: TIDEMARK_BACKEND",
    ]);
    assert.is(memory.watermark, 1);
  });
});

test("does not land an append once the backend has failed or was closed", () => {
  for (const letGo of ["fail", "close"] as const) {
    faultyMarbles({ commitMs: 5 }, ({ memory, faulty }, { flush, scheduler }) => {
      const codes: string[] = [];
      defer(() => appendTo(faulty, 1)).subscribe({
        error: ({ code }: { code: string }) => codes.push(code),
      });
      scheduler.schedule(() => {
        if (letGo === "fail") faulty.fail?.();
        else defer(() => faulty.close()).subscribe();
      }, 2);
      flush();
      assert.equal(codes, [letGo === "fail" ? "TIDEMARK_BACKEND" : "TIDEMARK_CLOSED"]);
      assert.is(memory.watermark, 0);
    });
  }
});

test("fails, stalls and hangs at anchors and at the seal", () => {
  const steps = {
    anchor: (backend: Backend) => backend.recordSnapshotAnchor(anchorOf(0)),
    seal: (backend: Backend) => backend.seal("ended"),
  };
  for (const on of ["anchor", "seal"] as const) {
    const config: FaultyBackendConfig = { commitMs: 3, faults: [{ on, fail: "disk" }] };
    faultyMarbles(config, ({ memory, faulty }, { expectObservable }) => {
      expectObservable(steps[on](faulty) as never).toBe("#", undefined, DISK_FULL);
      assert.is(memory.manifest.status, "running");
    });
    faultyMarbles({ faults: [{ on, stallMs: 9 }] }, ({ memory, faulty }, { flush, scheduler }) => {
      let settledAt = -1;
      defer(() => steps[on](faulty) as ObservableInput<unknown>).subscribe({
        complete: () => {
          settledAt = scheduler.now();
        },
      });
      assert.is(memory.manifest.status, "running");
      flush();
      assert.is(settledAt, 9);
      assert.is(memory.manifest.status, on === "seal" ? "ended" : "running");
    });
    faultyMarbles({ faults: [{ on, never: true }] }, ({ faulty }) => {
      assert.is(steps[on](faulty), NEVER);
      assert.is.not(steps[on === "seal" ? "anchor" : "seal"](faulty), NEVER);
    });
  }
});

for (const [option, fault] of [
  ["faults[1]", null],
  ["faults[1].at", { at: 0, never: true }],
  ["faults[1].at", { at: 1.5, never: true }],
  ["faults[1].at", { at: "1", never: true }],
  ["faults[1].at", { never: true }],
  ["faults[1].at", { at: 1, on: "seal", never: true }],
  ["faults[1].on", { on: "close", never: true }],
  ["faults[1].fail", { at: 1, fail: "full" }],
  ["faults[1].fail", { at: 1, fail: undefined }],
  ["faults[1].fail", { at: 1, fail: "toString" }],
  ["faults[1].fail", { at: 1 }],
  ["faults[1].never", { at: 1, never: false }],
  ["faults[1].stall", { at: 1, stall: 5 }],
] as const) {
  test(`refuses the fault ${JSON.stringify(fault)}`, () => {
    const memory = new MemoryBackend(new StoredRun(manifestOf()));
    const faults = [{ at: 1, fail: "disk" }, fault] as unknown as readonly Fault[];
    assert.throws(
      () => faultyBackend(memory, { faults }),
      (failure: unknown) => failure instanceof InvalidConfigError && failure.option === option,
    );
  });
}

test("refuses faults that are no array", () => {
  const memory = new MemoryBackend(new StoredRun(manifestOf()));
  assert.throws(
    () => faultyBackend(memory, { faults: {} as never }),
    (failure: unknown) => failure instanceof InvalidConfigError && failure.option === "faults",
  );
});

test("refuses a time that is none", () => {
  const memory = new MemoryBackend(new StoredRun(manifestOf()));
  for (const [option, config] of [
    ["commitMs", { commitMs: -1 }],
    ["commitMs", { commitMs: Number.NaN }],
    ["stallMs", { faults: [{ at: 1, stallMs: Infinity }] }],
  ] as const) {
    assert.throws(
      () => faultyBackend(memory, config),
      (failure: unknown) => failure instanceof InvalidConfigError && failure.option === option,
    );
  }
});

test.run();
