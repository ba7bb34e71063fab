import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import type { InvalidConfigError } from "../../src/model/errors.ts";
import { listRuns } from "../../src/runs/listRuns.ts";
import { openRun, type OpenRunOptions } from "../../src/runs/openRun.ts";
import { planRetention } from "../../src/runs/planRetention.ts";
import { readRun } from "../../src/runs/readRun.ts";
import { recoverRuns } from "../../src/runs/recoverRuns.ts";
import { replay } from "../../src/runs/replay.ts";
import { verifyRun } from "../../src/runs/verifyRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";

const test = suite("the options of openRun");

const ACCENT = "é";
const LARGE = Array.from({ length: 1_025 }, (_, name) => String(name));
const LARGE_MAP = Object.fromEntries(LARGE.map((name) => [name, "x"]));

/** A map with a key of that name, as it comes out of JSON. */
const PROTO = JSON.parse(`{"__proto__":"x"}`) as Record<string, string>;

const INVALID: readonly (readonly [title: string, options: unknown, option: string])[] = [
  ["an instance with a slash", { instanceId: "a/b" }, "instanceId"],
  ["an instance with ..", { instanceId: "a..b" }, "instanceId"],
  ["the instance ..", { instanceId: ".." }, "instanceId"],
  ["a hidden instance", { instanceId: ".a" }, "instanceId"],
  ["an empty instance", { instanceId: "" }, "instanceId"],
  ["an instance of 129 characters", { instanceId: "a".repeat(129) }, "instanceId"],
  ["an instance with a line end", { instanceId: "a\n" }, "instanceId"],
  ["an instance that is a number", { instanceId: 7 }, "instanceId"],
  ["a parent with ..", { parentRunId: "../other" }, "parentRunId"],
  ["a parent that is null", { parentRunId: null }, "parentRunId"],
  ["an unknown writer option", { writer: { queue: 1 } }, "writer.queue"],
  ["a writer option out of bounds", { writer: { maxBatchEntries: 0 } }, "maxBatchEntries"],
  ["a clock that is none", { clock: {} }, "clock"],
  ["a clock that gives a number", { clock: { now: () => 7 } }, "clock"],
  ["a scheduler that is none", { scheduler: {} }, "scheduler"],
  ["an identity that is null", { identity: null }, "identity"],
  ["an identity that is an array", { identity: [] }, "identity"],
  ["an unknown field", { identity: { binary: "x" } }, "identity.binary"],
  ["the field __proto__", { identity: PROTO }, "identity.__proto__"],
  ["a hash that is no text", { identity: { configHash: 7 } }, "identity.configHash"],
  [
    "a hash of 1 025 bytes",
    { identity: { binaryHash: ACCENT.repeat(512) + "a" } },
    "identity.binaryHash",
  ],
  ["a hash with a lone surrogate", { identity: { binaryHash: "\ud800" } }, "identity.binaryHash"],
  ["a version below 0", { identity: { schemaVersion: -1 } }, "identity.schemaVersion"],
  ["a version in parts", { identity: { schemaVersion: 1.5 } }, "identity.schemaVersion"],
  ["a seed that is a number", { identity: { seed: 1 } }, "identity.seed"],
  ["a seed below 0", { identity: { seed: -1n } }, "identity.seed"],
  ["a seed of 2^64", { identity: { seed: 2n ** 64n } }, "identity.seed"],
  ["flags that are text", { identity: { featureFlags: "a" } }, "identity.featureFlags"],
  ["a flag that is no text", { identity: { featureFlags: [1] } }, "identity.featureFlags"],
  ["1 025 flags", { identity: { featureFlags: LARGE } }, "identity.featureFlags"],
  ["versions in an array", { identity: { adapterVersions: [] } }, "identity.adapterVersions"],
  ["1 025 versions", { identity: { adapterVersions: LARGE_MAP } }, "identity.adapterVersions"],
  ["a version of __proto__", { identity: { adapterVersions: PROTO } }, "identity.adapterVersions"],
  ["components that are null", { identity: { components: null } }, "identity.components"],
  [
    "an unknown component",
    { identity: { components: { robots: {} } } },
    "identity.components.robots",
  ],
  [
    "an actor that is no text",
    { identity: { components: { actors: { a: 1 } } } },
    "identity.components.actors.a",
  ],
  [
    "an endpoint that is no text",
    { identity: { components: { endpoints: [{}] } } },
    "identity.components.endpoints",
  ],
];

/** A catalog that counts what is asked of it. */
function countedCatalog(): { catalog: RunCatalog; readonly calls: number } {
  let calls = 0;
  const catalog = new Proxy(memoryCatalog(), {
    get(target, name: keyof RunCatalog) {
      return (...args: unknown[]): unknown => {
        calls += 1;
        return Reflect.apply(target[name], target, args);
      };
    },
  });
  return {
    catalog,
    get calls() {
      return calls;
    },
  };
}

for (const [title, options, option] of INVALID) {
  test(`refuses ${title}, opens nothing and locks nothing`, async () => {
    const counted = countedCatalog();
    const opening = openRun({ catalog: counted.catalog, ...(options as object) });
    const failure = (await failureOf(opening)) as InvalidConfigError;
    assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
    assert.is(failure.option, option);
    assert.is(counted.calls, 0);
  });
}

for (const [title, options, option] of [
  ["no place at all", {}, "directory"],
  ["an empty directory", { directory: "" }, "directory"],
  ["a directory with NUL", { directory: "a\0b" }, "directory"],
  ["a directory that is a number", { directory: 7 }, "directory"],
  ["a directory beside a catalog", { directory: "a", catalog: memoryCatalog() }, "catalog"],
  ["a catalog that is none", { catalog: {} }, "catalog"],
  ["a catalog that is null", { catalog: null }, "catalog"],
  ["no options", undefined, "options"],
  ["null", null, "options"],
  ["text", "runs", "options"],
] as const) {
  test(`refuses ${title}`, async () => {
    const failure = await failureOf(openRun(options as unknown as OpenRunOptions));
    assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
    assert.is((failure as InvalidConfigError).option, option);
  });
}

test("goes by the options as they are at the call", async () => {
  const identity = { configHash: "at the call" };
  const options = {
    catalog: memoryCatalog(),
    identity,
    parentRunId: undefined as unknown as string,
    writer: { maxPayloadBytes: 10 },
  };
  const opening = openRun(options);
  identity.configHash = 7 as never;
  options.parentRunId = "../other";
  options.writer.maxPayloadBytes = -1;
  const run = await opening;
  assert.equal(run.manifest.identity, { configHash: "at the call" });
  assert.is(run.manifest.parentRunId, undefined);
});

for (const [title, call] of [
  ["readRun", readRun],
  ["verifyRun", verifyRun],
  ["listRuns", listRuns],
  ["recoverRuns", recoverRuns],
  ["planRetention", planRetention],
  ["replay", replay],
] as const) {
  test(`${title} refuses options that are none, too`, async () => {
    for (const options of [undefined, null, "runs", []]) {
      const failure = await failureOf((call as (options: unknown) => Promise<unknown>)(options));
      assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
      assert.is((failure as InvalidConfigError).option, "options");
    }
  });
}

test("takes all that is within bounds", async () => {
  const run = await openRun({
    catalog: memoryCatalog(),
    instanceId: `a${".b".repeat(63)}_`,
    identity: {
      binaryHash: ACCENT.repeat(512),
      schemaVersion: 0,
      seed: 2n ** 64n - 1n,
      featureFlags: LARGE.slice(1),
      adapterVersions: Object.fromEntries(LARGE.slice(1).map((name) => [name, ""])),
      components: { actors: {}, strategies: {}, algorithms: {}, subscriptions: [], endpoints: [] },
    },
  });
  assert.is(run.watermark, 1);
});

test.run();
