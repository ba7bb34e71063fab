import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runAddressOf } from "../../src/cli/runAddress.ts";
import { InvalidConfigError } from "../../src/index.ts";

const test = suite("runAddressOf");

function optionOf(operands: string[], options: Parameters<typeof runAddressOf>[1]): string {
  try {
    runAddressOf(operands, options);
  } catch (invalid) {
    if (invalid instanceof InvalidConfigError) return invalid.option;
    throw invalid;
  }
  return "none";
}

test("takes the path of a run apart, relative and with a slash at its end", () => {
  const address = { directory: resolve("runs"), instanceId: "desk-1", runId: "1-ab" };
  assert.equal(runAddressOf(["runs/desk-1/1-ab"], {}).address, address);
  assert.equal(runAddressOf(["./runs/desk-1/x/../1-ab/"], {}).address, address);
  assert.equal(runAddressOf(["runs/desk-1/1-ab", "7"], {}).rest, ["7"]);
});

test("takes --directory, and then no operand for the run", () => {
  const named = runAddressOf(["7"], { directory: "d" });
  assert.equal(named, { address: { directory: "d" }, rest: ["7"] });
  assert.equal(runAddressOf([], { directory: "d", instance: "i", run: "r" }).address, {
    directory: "d",
    instanceId: "i",
    runId: "r",
  });
});

test("refuses neither, and --instance or --run without --directory", () => {
  assert.is(optionOf([], {}), "RUN");
  assert.is(optionOf([""], {}), "RUN");
  assert.is(optionOf(["a/b/c"], { instance: "i" }), "--instance");
  assert.is(optionOf(["a/b/c"], { run: "r" }), "--run");
});

test.run();
