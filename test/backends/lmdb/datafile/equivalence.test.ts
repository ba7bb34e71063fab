import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkDataFileSync } from "../../../../src/backends/lmdb/datafile/checkDataFile.ts";
import type { Environment } from "../../../../src/backends/lmdb/environment.ts";
import { lookAt, rowsIn } from "./support/fileRows.ts";
import { FIRST, LAST, numberedKey, textOf, withTree } from "./support/nativeTree.ts";
import { randomOf } from "./support/random.ts";

const test = suite("reading without LMDB");
const SIZES = [0, 10, 200, 2_000, 2_020, 3_000, 4_072, 4_073, 9_000, 70_000];
const COMMITS = 40;

type Random = (below: number) => number;

/** Keys of different lengths and beginnings, long ones among them, for a tree of many levels. */
function keyFor(random: Random): Uint8Array {
  const number = random(800);
  return random(3) === 0
    ? numberedKey(number)
    : Buffer.from(`0kind\0${"x".repeat(number % 2 === 0 ? 480 : number % 40)}${number}`);
}

function commit(environment: Environment, random: Random, isShrinking: boolean): void {
  environment.transactionSync(() => {
    for (let row = random(60); row >= 0; row -= 1) {
      const size = SIZES[random(random(6) === 0 ? SIZES.length : 5)] as number;
      environment.putSync(keyFor(random), Buffer.alloc(size, random(256)));
      for (let more = isShrinking ? 3 : random(2); more > 0; more -= 1) {
        environment.removeSync(keyFor(random));
      }
    }
  });
}

for (const seed of [1, 2, 3]) {
  test(`gives the rows that LMDB gives, and no alarm after any commit (seed ${seed})`, async () => {
    await withTree((environment, folder) => {
      const random = randomOf(seed);
      for (let round = 0; round < COMMITS; round += 1) {
        commit(environment, random, round % 20 > 14);
        checkDataFileSync(folder, "edges");
        checkDataFileSync(folder, "full");
        const theirs = Array.from(environment.getRange({ start: FIRST, end: LAST }), textOf);
        assert.equal(rowsIn(folder), theirs, `commit ${round}`);
      }
    });
  });
}

test("gives the same as LMDB for any key and range, forward and in reverse", async () => {
  await withTree((environment, folder) => {
    const random = randomOf(4);
    for (let round = 0; round < 10; round += 1) commit(environment, random, false);
    lookAt(folder, (snapshot) => {
      for (let round = 0; round < 500; round += 1) {
        const [start, end] = [keyFor(random), keyFor(random)];
        const found = snapshot.get(start);
        assert.equal(found && Buffer.from(found), environment.get(start));
        const limit = 1 + random(30);
        for (const reverse of [false, true]) {
          const range = { start, end, reverse, limit };
          const mine = Array.from(snapshot.getRange(range), textOf);
          assert.equal(mine, Array.from(environment.getRange(range), textOf));
        }
      }
    });
  });
});

function longKey(number: number): Uint8Array {
  return Buffer.from(`${"x".repeat(480)}${String(number).padStart(5, "0")}`);
}

test("goes down a tree of many levels", async () => {
  await withTree((environment, folder) => {
    environment.transactionSync(() => {
      for (let number = 0; number < 1_500; number += 1) {
        environment.putSync(longKey(number), Buffer.alloc(1_500, number));
      }
    });
    checkDataFileSync(folder, "full");
    lookAt(folder, (snapshot) => {
      assert.ok(snapshot.meta.main.depth >= 5, `depth ${snapshot.meta.main.depth}`);
      for (let number = 0; number < 1_500; number += 1) {
        assert.is(snapshot.get(longKey(number))?.[0], number & 255);
      }
      const backward = { start: LAST, end: FIRST, reverse: true };
      const rows = Array.from(snapshot.getRange(backward), textOf).toReversed();
      assert.equal(rows, Array.from(environment.getRange({ start: FIRST, end: LAST }), textOf));
    });
  });
});

test("finds nothing in a file without rows", async () => {
  await withTree((environment, folder) => {
    checkDataFileSync(folder, "full");
    assert.equal(rowsIn(folder), []);
    assert.is(
      lookAt(folder, (snapshot) => snapshot.get(FIRST)),
      undefined,
    );
    // Nor in one that was emptied.
    environment.transactionSync(() => {
      environment.putSync(FIRST, Buffer.alloc(9_000));
    });
    environment.transactionSync(() => {
      environment.removeSync(FIRST);
    });
    checkDataFileSync(folder, "full");
    assert.equal(rowsIn(folder), []);
    const backward = { start: LAST, end: FIRST, reverse: true };
    assert.equal(
      lookAt(folder, (snapshot) => [...snapshot.getRange(backward)]),
      [],
    );
  });
});

test("gives values in bytes of their own", async () => {
  await withTree((environment, folder) => {
    environment.transactionSync(() => {
      environment.putSync(numberedKey(1), Buffer.alloc(10, 1));
      environment.putSync(numberedKey(2), Buffer.alloc(10_000, 2));
    });
    const before = rowsIn(folder);
    lookAt(folder, (snapshot) => {
      for (const key of [numberedKey(1), numberedKey(2)]) {
        snapshot.get(key)?.fill(0xff);
      }
    });
    assert.equal(rowsIn(folder), before);
  });
});

test.run();
