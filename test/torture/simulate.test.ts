import { suite } from "uvu";
import * as assert from "uvu/assert";
import { objectionsTo } from "../../torture/simulate/objectionsTo.ts";
import { play, type Sabotage } from "../../torture/simulate/play.ts";
import type { Script } from "../../torture/simulate/Script.ts";
import { scriptOf } from "../../torture/simulate/scriptOf.ts";
import { linesOf } from "../../torture/simulate/describe.ts";
import { shrink } from "../../torture/simulate/shrink.ts";
import { Random } from "../../torture/support/Random.ts";
import { BROKEN_BACKENDS } from "./simulate/brokenBackends.ts";
import { BROKEN_WRITERS } from "./simulate/brokenWriters.ts";

const test = suite("simulate");

const SEED = 7;
/** In how many lives a planted fault must show. */
const LIVES = 60;

async function objectionsOf(script: Script, sabotage?: Sabotage): Promise<readonly string[]> {
  return objectionsTo(await play(script, sabotage));
}

test("has nothing to object to in the lives of a writer that keeps its promises", async () => {
  for (let n = 0; n < LIVES; n += 1) {
    assert.equal(await objectionsOf(scriptOf(new Random(SEED, n))), [], `case ${n}`);
  }
});

test("plays the same script in the same way", async () => {
  for (let n = 0; n < 10; n += 1) {
    const [once, again] = [scriptOf(new Random(SEED, n)), scriptOf(new Random(SEED, n))];
    assert.equal(once, again);
    assert.equal(await play(once), await play(again));
  }
});

for (const { what, promise, sabotage } of [...BROKEN_WRITERS, ...BROKEN_BACKENDS]) {
  test(`objects to ${what}`, async () => {
    const objections: string[] = [];
    for (let n = 0; n < LIVES && objections.length === 0; n += 1) {
      const found = await objectionsOf(scriptOf(new Random(SEED, n)), sabotage());
      objections.push(...found.filter((objection) => promise.test(objection)));
    }
    assert.is.not(objections.length, 0);
  });
}

test("cuts a script down to what is needed to show a fault", async () => {
  const fault = BROKEN_WRITERS.find(({ what }) => what === "an entry that is dropped");
  const fails = async (script: Script): Promise<boolean> =>
    (await objectionsOf(script, fault?.sabotage())).length > 0;
  let script = scriptOf(new Random(SEED));
  for (let n = 1; !(await fails(script)); n += 1) script = scriptOf(new Random(SEED, n));
  const smallest = await shrink(script, fails);
  assert.ok(await fails(smallest));
  assert.ok(smallest.steps.length <= 3, linesOf(smallest).join("\n"));
  assert.ok(smallest.steps.length < script.steps.length);
});

test.run();
