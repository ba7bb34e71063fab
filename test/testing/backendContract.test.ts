import { EMPTY } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import { backendContract } from "../../src/testing/backendContract.ts";
import { AHEAD_FAULTS } from "./aheadFaults.ts";
import { PLANTED_FAULTS } from "./plantedFaults.ts";
import { sabotaged, type Sabotage } from "./sabotage.ts";

const test = suite("backendContract");

type Registered = Map<string, () => void | Promise<void>>;

/** The tests that the contract hands to a runner. */
function contractOn(
  catalog: () => RunCatalog,
  dispose: (catalog: RunCatalog) => void | Promise<void> = () => undefined,
): Registered {
  const tests: Registered = new Map();
  backendContract({
    name: "it",
    catalog,
    dispose,
    test: (title, fn) => {
      assert.not.ok(tests.has(title), `two tests are named ${title}`);
      tests.set(title, fn);
    },
  });
  return tests;
}

/** Runs the one test of the contract that has this title. */
async function failureOf(tests: Registered, title: string): Promise<unknown> {
  const run = tests.get(`it: ${title}`);
  assert.ok(run, `no test is named ${title}`);
  try {
    await run();
  } catch (failure) {
    return failure ?? "nothing";
  }
  return undefined;
}

for (const [what, sabotage, title] of [...PLANTED_FAULTS, ...AHEAD_FAULTS]) {
  test(`notices ${what}`, async () => {
    assert.is(await failureOf(contractOn(memoryCatalog), title), undefined);
    assert.is.not(
      await failureOf(
        contractOn(() => sabotaged(sabotage)),
        title,
      ),
      undefined,
    );
  });
}

test("gives every test a catalog of its own, and clears it away after a failure too", async () => {
  const made: RunCatalog[] = [];
  const disposed: RunCatalog[] = [];
  const tests = contractOn(
    () => {
      const catalog = sabotaged({ backend: () => ({ append: () => EMPTY }) });
      made.push(catalog);
      return catalog;
    },
    async (catalog) => {
      // Everything that the test had opened is closed: nobody holds the instance.
      await (await catalog.acquire("desk-1")).release();
      disposed.push(catalog);
    },
  );
  assert.is.not(await failureOf(tests, "append: takes 300 frames"), undefined);
  assert.is(await failureOf(tests, "append: starts empty"), undefined);
  assert.is(new Set(made).size, 2);
  assert.equal(disposed.length, 2);
  assert.ok(disposed.every((catalog, position) => catalog === made[position]));
});

test("fails where a backend does not close", async () => {
  const unclosable = new Error("It does not close");
  const sabotage: Sabotage = { backend: () => ({ close: () => Promise.reject(unclosable) }) };
  const tests = contractOn(() => sabotaged(sabotage));
  assert.is(await failureOf(tests, "append: starts empty"), unclosable);
});

test.run();
