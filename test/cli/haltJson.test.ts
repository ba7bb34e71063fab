import { suite } from "uvu";
import * as assert from "uvu/assert";
import { haltJson } from "../../src/cli/haltJson.ts";
import type { HaltReason } from "../../src/index.ts";

const test = suite("haltJson");

const FAILED: HaltReason = {
  kind: "backend-error",
  message: "m",
  lastDurableSeq: 3,
  lostEntries: 2,
};

test("writes every field of a reason on one line", () => {
  const stall: HaltReason = {
    kind: "commit-stall",
    stalledForMs: 5000,
    thresholdMs: 5000,
    lastDurableSeq: 3,
    lostEntries: 2,
  };
  assert.equal(JSON.parse(haltJson(stall)), stall);
  assert.not.match(haltJson(stall), /\n/);
});

test("writes of a cause its text, whatever it is", () => {
  const circle: { self?: unknown; big: bigint } = { big: 1n };
  circle.self = circle;
  for (const [cause, text] of [
    [new Error("disk", { cause: circle }), "disk"],
    ["text", "text"],
    [circle, "[object Object]"],
    [null, "[object Null]"],
  ] as const) {
    assert.equal(JSON.parse(haltJson({ ...FAILED, cause })), { ...FAILED, cause: text });
  }
  assert.equal(JSON.parse(haltJson(FAILED)), FAILED);
});

test.run();
