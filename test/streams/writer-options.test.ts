import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { InvalidConfigError } from "../../src/model/errors.ts";
import { DEFAULT_WRITER_OPTIONS, writerOptionsOf } from "../../src/model/options.ts";
import { openWriter, type OpenWriterOptions } from "../../src/streams/openWriter.ts";
import { thrownBy } from "./support/failureOf.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("the options of a writer");

const MIB = 1024 * 1024;
const BOUNDS = {
  queueCapacity: [1, 1_000_000],
  queueBytes: [16 * MIB, 4096 * MIB],
  maxWaiting: [0, 10_000_000],
  maxWaitingBytes: [0, 16_384 * MIB],
  maxBatchEntries: [1, 10_000],
  maxBatchBytes: [1, 64 * MIB],
  maxBatchWaitMs: [0, 2_147_483_647],
  haltThresholdMs: [1, 2_147_483_647],
  commitTimeoutMs: [1, 2_147_483_647],
  maxPayloadBytes: [0, 64 * MIB],
} as const;

function refusalOf(options: OpenWriterOptions): InvalidConfigError {
  return thrownBy(() => openWriter(new ScriptedBackend(), options)) as InvalidConfigError;
}

for (const [name, [min, max]] of Object.entries(BOUNDS)) {
  test(`takes ${name} from ${min} to ${max}`, () => {
    for (const value of [min, max]) {
      const room = name === "maxPayloadBytes" ? { queueBytes: 64 * MIB } : {};
      assert.is(writerOptionsOf({ ...room, [name]: value })[name as "maxWaiting"], value);
    }
  });

  test(`refuses ${name} out of bounds, in parts, or of another kind`, () => {
    const below = name === "queueBytes" ? 0 : min - 1;
    for (const value of [below, max + 1, min + 0.5, Number.NaN, Infinity, String(min), null, 1n]) {
      const failure = refusalOf({ writer: { [name]: value } });
      assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
      assert.is(failure.option, name);
      assert.ok(Object.is(failure.value, value));
      if (value === below) {
        assert.match(failure.message, `Expected \`${name}\` to be an integer from `);
      }
    }
  });
}

test("has the documented defaults, and takes undefined for one", () => {
  assert.equal(writerOptionsOf(), {
    queueCapacity: 10_000,
    queueBytes: 64 * MIB,
    maxWaiting: 100_000,
    maxWaitingBytes: 256 * MIB,
    maxBatchEntries: 100,
    maxBatchBytes: 64 * 1024,
    maxBatchWaitMs: 5,
    flushWhenIdle: true,
    haltThresholdMs: 250,
    commitTimeoutMs: 5_000,
    maxPayloadBytes: 16 * MIB,
  });
  assert.equal(writerOptionsOf({ maxWaiting: undefined as never }), DEFAULT_WRITER_OPTIONS);
});

test("refuses an option that does not exist", () => {
  const failure = refusalOf({ writer: { maxBatchEntrys: 1 } as never });
  assert.is(failure.option, "writer.maxBatchEntrys");
  assert.is(refusalOf({ writer: { toString: 1 } as never }).option, "writer.toString");
});

test("refuses a queue that cannot hold the largest payload", () => {
  const failure = refusalOf({ writer: { queueBytes: 16 * MIB - 1 } });
  assert.is(failure.option, "queueBytes");
  assert.is(failure.value, 16 * MIB - 1);
  writerOptionsOf({ queueBytes: 100, maxPayloadBytes: 100 });
});

test("refuses flushWhenIdle that is neither true nor false", () => {
  assert.is(refusalOf({ writer: { flushWhenIdle: 1 as never } }).option, "flushWhenIdle");
});

test("refuses options, a clock and a scheduler that are none", () => {
  assert.is(refusalOf({ writer: [] as never }).option, "writer");
  assert.is(refusalOf({ writer: null as never }).option, "writer");
  for (const clock of [null, {}, { now: 1n }, { now: () => 7 }]) {
    assert.is(refusalOf({ clock: clock as never }).option, "clock");
  }
  for (const scheduler of [null, {}, 7]) {
    assert.is(refusalOf({ scheduler: scheduler as never }).option, "scheduler");
  }
});

test("leaves the backend to a better try", () => {
  const backend = new ScriptedBackend();
  thrownBy(() => openWriter(backend, { writer: { maxBatchEntries: 0 } }));
  assert.is(openWriter(backend).watermark, 0);
  assert.equal(backend.calls, []);
});

test.run();
