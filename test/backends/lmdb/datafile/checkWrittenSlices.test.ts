import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkWritten } from "../../../../src/backends/lmdb/datafile/checkWritten.ts";
import { metaPair } from "../../../../src/backends/lmdb/datafile/metas.ts";
import { PageFile } from "../../../../src/backends/lmdb/datafile/PageFile.ts";
import { Snapshot } from "../../../../src/backends/lmdb/datafile/Snapshot.ts";
import { numberedKey, withTree } from "./support/nativeTree.ts";

const test = suite("checkWritten, in slices");
const ROWS = 400;

/** Lets each look at the clock take a millisecond. */
function withSlowClock(step: () => void): void {
  let nowMs = 0;
  performance.now = () => (nowMs += 1);
  try {
    step();
  } finally {
    // What was there before is its prototype's.
    Reflect.deleteProperty(performance, "now");
  }
}

test("each of the pages below a branch that was written ends a slice, once time is over", () =>
  withTree((environment, folder) => {
    environment.transactionSync(() => {
      for (let number = 1; number <= ROWS; number += 1) {
        environment.putSync(numberedKey(number), Buffer.alloc(300, number));
      }
    });
    environment.transactionSync(() => {
      environment.putSync(numberedKey(ROWS + 1), Buffer.alloc(300));
    });
    const file = PageFile.open(folder);
    const { newer, older } = metaPair(...file.readMetas(), file.pageBytes);
    const pair = {
      newer: new Snapshot(file, newer, new Map()),
      older: new Snapshot(file, older, new Map()),
    };
    let slices = 0;
    withSlowClock(() => {
      for (const _ of checkWritten(pair, () => true)) slices += 1;
    });
    file.close();
    // Twelve rows to a leaf, two pages to a slice; one leaf was written.
    assert.ok(slices > ROWS / 12 / 2 - 2, String(slices));
  }));

test.run();
