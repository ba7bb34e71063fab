import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PageFile } from "../../../../src/backends/lmdb/datafile/PageFile.ts";
import type { Snapshot } from "../../../../src/backends/lmdb/datafile/Snapshot.ts";
import { Snapshots } from "../../../../src/backends/lmdb/datafile/Snapshots.ts";
import { CorruptedError } from "../../../../src/model/errors.ts";
import { throws } from "../rejection.ts";
import { EditedFile } from "./support/editedFile.ts";
import { numberedKey, withTree } from "./support/nativeTree.ts";

const test = suite("Snapshots");
const KEY = numberedKey(1);

interface Scene {
  readonly snapshots: Snapshots;
  readonly folder: string;
  /** Writes the row anew, as large as before, with another number in every byte. */
  readonly commit: () => void;
}

async function withSnapshots(step: (scene: Scene) => void): Promise<void> {
  await withTree((environment, folder) => {
    let commits = 0;
    const commit = (): void => {
      commits += 1;
      environment.transactionSync(() => {
        environment.putSync(KEY, Buffer.alloc(9_000, commits));
      });
    };
    commit();
    const file = PageFile.open(folder);
    try {
      step({ snapshots: new Snapshots(file), folder, commit });
    } finally {
      file.close();
    }
  });
}

const valueIn = (snapshot: Snapshot): number | undefined => snapshot.get(KEY)?.[8_999];

test("gives the same snapshot while nothing is committed, and the newest after a commit", async () => {
  await withSnapshots(({ snapshots, commit }) => {
    const first = snapshots.look((snapshot) => snapshot);
    assert.is(
      snapshots.look((snapshot) => snapshot),
      first,
    );
    commit();
    assert.is.not(
      snapshots.look((snapshot) => snapshot),
      first,
    );
    assert.is(snapshots.look(valueIn), 2);
  });
});

test("a file that nobody writes any more is looked at as it was found", async () => {
  await withSnapshots(({ folder, commit }) => {
    const file = PageFile.open(folder);
    try {
      const snapshots = new Snapshots(file, { isFinal: true });
      assert.is(snapshots.look(valueIn), 1);
      commit();
      assert.is(snapshots.look(valueIn), 1);
    } finally {
      file.close();
    }
  });
});

test("the snapshot that is held stays while the transaction behind it is under way", async () => {
  await withSnapshots(({ folder, commit }) => {
    let durable = Number.POSITIVE_INFINITY;
    const file = PageFile.open(folder);
    const snapshots = new Snapshots(file, { isDurable: (txnid) => txnid <= durable });
    const first = snapshots.look((snapshot) => snapshot);
    durable = first.meta.txnid;
    commit();
    for (let looks = 0; looks < 2; looks += 1) {
      assert.is(
        snapshots.look((snapshot) => snapshot),
        first,
      );
      assert.is(snapshots.look(valueIn), 1);
    }
    durable += 1;
    assert.is(snapshots.look(valueIn), 2);
    // Two at once: the one before was never held.
    commit();
    commit();
    assert.is(snapshots.look(valueIn), 3);
    file.close();
  });
});

test("a look during which one transaction is committed counts, since its pages are untouched", async () => {
  await withSnapshots(({ snapshots, commit }) => {
    let looks = 0;
    const seen = snapshots.look((snapshot) => {
      looks += 1;
      commit();
      return valueIn(snapshot);
    });
    assert.equal([looks, seen], [1, 1]);
  });
});

test("a look that was overtaken by two transactions is repeated, whatever came of it", async () => {
  for (const fails of [false, true]) {
    await withSnapshots(({ snapshots, commit }) => {
      let looks = 0;
      const seen = snapshots.look((snapshot) => {
        looks += 1;
        if (looks > 3) return valueIn(snapshot);
        for (let more = 0; more < 2; more += 1) commit();
        if (fails) throw new CorruptedError("found on a page that is used again");
        return undefined;
      });
      assert.equal([looks, seen], [4, 7]);
    });
  }
});

test("a look that is overtaken each time ends, and says why", async () => {
  await withSnapshots(({ snapshots, commit }) => {
    const { message } = throws(
      () =>
        snapshots.look(() => {
          commit();
          commit();
        }),
      { code: "TIDEMARK_BACKEND" },
    );
    assert.ok(message.includes("faster than it can be read"), message);
  });
});

test("a value that was read before the look was overtaken is not read again", async () => {
  await withTree((environment, folder) => {
    const put = (number: number): void => {
      environment.transactionSync(() => {
        environment.putSync(numberedKey(number), Buffer.alloc(9_000, number));
      });
    };
    put(1);
    const file = PageFile.open(folder);
    const values: (Uint8Array | undefined)[] = [];
    new Snapshots(file).look((snapshot) => {
      values.push(snapshot.get(numberedKey(1)));
      if (values.length === 1) [2, 3, 4].forEach(put);
    });
    file.close();
    assert.is(values.length, 2);
    assert.is(values[0], values[1]);
    assert.is(values[1]?.[8_999], 1);
  });
});

test("a value that was replaced meanwhile is read anew", async () => {
  await withSnapshots(({ snapshots, commit }) => {
    const seen: (number | undefined)[] = [];
    snapshots.look((snapshot) => {
      seen.push(valueIn(snapshot));
      if (seen.length === 1) for (let more = 0; more < 5; more += 1) commit();
    });
    assert.equal(seen, [1, 6]);
  });
});

test("damage that stays is told, with the file and the page", async () => {
  await withSnapshots(({ snapshots, folder }) => {
    const file = new EditedFile(folder);
    file.root.fill(0);
    file.write();
    const { message } = throws(() => snapshots.look(valueIn), { code: "TIDEMARK_CORRUPTED" });
    assert.ok(message.startsWith(`${file.path}: page `), message);
    file.page(0).fill(0, 24, 28);
    file.write();
    throws(() => snapshots.look(() => undefined), { code: "TIDEMARK_CORRUPTED" });
  });
});

test.run();
