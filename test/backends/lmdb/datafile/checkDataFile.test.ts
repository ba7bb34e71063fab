import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  checkDataFile,
  checkDataFileSync,
} from "../../../../src/backends/lmdb/datafile/checkDataFile.ts";
import { AT_LAST_PAGE, AT_TXNID } from "../../../../src/backends/lmdb/datafile/metas.ts";
import { PageFile } from "../../../../src/backends/lmdb/datafile/PageFile.ts";
import { renumberLast } from "../../../../src/backends/lmdb/datafile/renumberLast.ts";
import { unnumberedState } from "../../../../src/backends/lmdb/datafile/unnumberedState.ts";
import { Snapshot } from "../../../../src/backends/lmdb/datafile/Snapshot.ts";
import { rejects, throws } from "../rejection.ts";
import { inTemporaryFolder } from "../temporaryFolder.ts";
import { EditedFile, PAGE_BYTES } from "./support/editedFile.ts";
import { rowsIn } from "./support/fileRows.ts";
import { numberedKey, withTree } from "./support/nativeTree.ts";
import { turnsDuring } from "../../../support/turnsDuring.ts";

const test = suite("checkDataFile");
const CORRUPTED = { code: "TIDEMARK_CORRUPTED" };

/** A file of some leaves with small rows and some large ones, written in several transactions. */
async function withFile(step: (folder: string) => Promise<void> | void): Promise<void> {
  await inTemporaryFolder(async (copy) => {
    await withTree((environment, folder) => {
      for (let commit = 0; commit < 4; commit += 1) {
        environment.transactionSync(() => {
          for (let row = 0; row < 100; row += 1) {
            const size = row % 25 === 0 ? 9_000 : 40;
            environment.putSync(numberedKey(commit * 100 + row), Buffer.alloc(size, row));
          }
        });
      }
      writeFileSync(path.join(copy, "data.mdb"), new EditedFile(folder).bytes);
    });
    await step(copy);
  });
}

/** Changes a file and checks that it is then refused for a reason, by a full check at least. */
async function isRefused(reason: string, change: (file: EditedFile) => void): Promise<void> {
  await withFile(async (folder) => {
    checkDataFileSync(folder, "full");
    const file = new EditedFile(folder);
    change(file);
    file.write();
    const { message } = throws(() => checkDataFileSync(folder, "full"), CORRUPTED);
    assert.ok(message.startsWith(file.path) && message.includes(reason), message);
    assert.is((await rejects(checkDataFile(folder, "full"), CORRUPTED)).message, message);
  });
}

test("what is no file of LMDB is damage and names the file", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, "data.mdb");
    const isRefused = async (): Promise<void> => {
      for (const extent of ["full", "edges"] as const) {
        const { message } = throws(() => checkDataFileSync(folder, extent), CORRUPTED);
        assert.ok(message.startsWith(file), message);
        await rejects(checkDataFile(folder, extent), CORRUPTED);
      }
    };
    await isRefused();
    for (const bytes of ["", "text", Buffer.alloc(100), Buffer.alloc(65_536), "x".repeat(9_000)]) {
      writeFileSync(file, bytes);
      await isRefused();
    }
    rmSync(file);
    mkdirSync(file);
    await isRefused();
    rmSync(file, { recursive: true });
    spawnSync("mkfifo", [file]);
    await isRefused();
    rmSync(file, { force: true });
    await withFile(async (other) => {
      symlinkSync(path.join(other, "data.mdb"), file);
      await isRefused();
    });
  });
});

test("what the file system says is passed on as it is", async () => {
  await inTemporaryFolder(async (folder) => {
    writeFileSync(path.join(folder, "file"), "");
    let code: unknown;
    await checkDataFile(path.join(folder, "file"), "full").catch((error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    assert.is(code, "ENOTDIR");
  });
});

test("sums that are not those of the tree are damage", async () => {
  for (const at of [104, 112, 120, 128]) {
    await isRefused("the main tree has", ({ bytes, meta }) => {
      const sumAt = meta.pageNumber * PAGE_BYTES + at;
      bytes.writeUInt32LE(bytes.readUInt32LE(sumAt) + 1, sumAt);
    });
  }
});

test("a page that is used twice is damage", async () => {
  await isRefused("is used twice", (file) => {
    // The first leaf holds two large rows of one transaction.
    const leaf = file.page(file.node(file.root, 0).readUInt32LE(0));
    const [first, second] = [file.node(leaf, 0), file.node(leaf, 25)].map((node) =>
      file.value(node),
    );
    first?.copy(second as Buffer, 0, 0, 24);
  });
});

test("a page in use that is said to be free is damage", async () => {
  await isRefused("said to be free", (file) => {
    const { free, main } = file.meta;
    const list = file.value(file.node(file.page(free.root ?? -1), 0));
    list.writeBigUInt64LE(BigInt(main.root ?? 0), 8);
  });
});

test("a free page that there cannot be is damage", async () => {
  await isRefused("cannot be a free page", (file) => {
    const list = file.value(file.node(file.page(file.meta.free.root ?? -1), 0));
    list.writeBigUInt64LE(2n ** 40n, 8);
  });
});

test("a page that is newer than what leads to it is damage", async () => {
  await isRefused("is newer", ({ root, meta }) => root.writeUInt32LE(meta.txnid + 1, 8));
  await isRefused("is newer", (file) => {
    const leaf = file.page(file.node(file.root, 1).readUInt32LE(0));
    leaf.writeUInt32LE(file.root.readUInt32LE(8) + 1, 8);
  });
});

/** Gives the last transaction the number of the one two before. */
function takeNumber({ bytes, meta }: EditedFile): void {
  bytes.writeUInt32LE(meta.txnid - 2, meta.pageNumber * PAGE_BYTES + AT_TXNID);
}

/** Most transactions use more pages than the one before: lets the one before the last use as many. */
function levelLastPages({ bytes, meta }: EditedFile): void {
  const last = meta.pageNumber * PAGE_BYTES + AT_LAST_PAGE;
  bytes.copy(bytes, (1 - meta.pageNumber) * PAGE_BYTES + AT_LAST_PAGE, last, last + 8);
}

test("a last transaction that passes for the one before the one before is damage", async () => {
  await isRefused("says that fewer pages are in use", takeNumber);
  await isRefused("has lost the number of its transaction, 4", (file) => {
    levelLastPages(file);
    takeNumber(file);
  });
});

test("meta pages that are read in the middle of a commit are no damage", async () => {
  await withFile((folder) => {
    const { bytes, meta } = new EditedFile(folder);
    const file = PageFile.open(folder);
    try {
      const now = file.readMetas();
      // The last page of the commit is there, and not yet its number.
      const torn = Buffer.from(now[1 - meta.pageNumber] ?? bytes);
      torn.writeUInt32LE(meta.lastPage + 1, AT_LAST_PAGE);
      const reads = [meta.pageNumber === 1 ? [torn, now[1]] : [now[0], torn]];
      Object.assign(file, { readMetas: () => reads.shift() ?? now });
      assert.equal([...unnumberedState(file)], []);
      assert.is(reads.length, 0);
    } finally {
      file.close();
    }
  });
});

test("the last transaction gets back a number that it has lost", async () => {
  await withFile((folder) => {
    const file = new EditedFile(folder);
    levelLastPages(file);
    file.write();
    const whole = new EditedFile(folder).bytes;
    renumberLast(folder);
    assert.ok(new EditedFile(folder).bytes.equals(whole), "what has its number is left alone");
    takeNumber(file);
    file.write();
    renumberLast(folder);
    checkDataFileSync(folder, "full");
    assert.ok(new EditedFile(folder).bytes.equals(whole));
  });
});

test("a transaction whose meta page could not be written does not count, and is no damage", async () => {
  await withFile((folder) => {
    const file = new EditedFile(folder);
    const { pageNumber } = file.meta;
    takeNumber(file);
    // As LMDB leaves it: with the last page of the transaction that was there before.
    const last = pageNumber * PAGE_BYTES + AT_LAST_PAGE;
    for (const grown of [0, 1]) {
      const lastPage = file.bytes.readUInt32LE((1 - pageNumber) * PAGE_BYTES + AT_LAST_PAGE);
      file.bytes.writeUInt32LE(lastPage - grown, last);
      file.write();
      renumberLast(folder);
      checkDataFileSync(folder, "full");
      assert.ok(new EditedFile(folder).bytes.equals(file.bytes));
      assert.is(rowsIn(folder).length, 300);
    }
  });
});

test("a page of both trees is damage", async () => {
  await withFile((folder) => {
    const { meta } = new EditedFile(folder);
    const file = PageFile.open(folder);
    try {
      const snapshot = new Snapshot(file, meta, new Map());
      const root = meta.main.root ?? -1;
      const expected = { isLeaf: false, maxTxnid: meta.txnid } as const;
      assert.is(snapshot.page(root, { ...expected, order: "bytes" }).pageNumber, root);
      throws(() => snapshot.page(root, { ...expected, order: "uint64" }), CORRUPTED);
    } finally {
      file.close();
    }
  });
});

test("a page on another level, or one of another place, is damage", async () => {
  await isRefused("cannot be a page of a tree", (file) =>
    file.node(file.root, 0).writeUInt32LE(1, 4),
  );
  await isRefused("wrong level", (file) =>
    file.node(file.root, 0).writeUInt32LE(file.meta.main.root ?? 0, 0),
  );
  await isRefused("belong elsewhere", (file) => {
    const [first, second] = [file.node(file.root, 1), file.node(file.root, 2)];
    const child = first.readUInt32LE(0);
    first.writeUInt32LE(second.readUInt32LE(0), 0);
    second.writeUInt32LE(child, 0);
  });
});

test("keys out of order, and nodes that lie over each other, are damage", async () => {
  await isRefused("out of order", (file) => {
    const leaf = file.page(file.node(file.root, 0).readUInt32LE(0));
    const [first, second] = [leaf.readUInt16LE(26), leaf.readUInt16LE(28)];
    leaf.writeUInt16LE(second, 26);
    leaf.writeUInt16LE(first, 28);
  });
  await isRefused("out of place", (file) => {
    const leaf = file.page(file.node(file.root, 0).readUInt32LE(0));
    leaf.writeUInt16LE(leaf.readUInt16LE(28), 26);
  });
});

test("a value behind the end of the file, or of the pages in use, is damage", async () => {
  for (const pageNumber of [0, 1, 100_000, 2 ** 40]) {
    await isRefused("", (file) => {
      const leaf = file.page(file.node(file.root, 0).readUInt32LE(0));
      file.value(file.node(leaf, 0)).writeBigUInt64LE(BigInt(pageNumber), 0);
    });
  }
  await isRefused("cannot be where it says", (file) => {
    const leaf = file.page(file.node(file.root, 0).readUInt32LE(0));
    file.node(leaf, 0).writeUInt32LE(0xffff_ffff, 0);
  });
});

test("a last page behind the end of the file is damage", async () => {
  await isRefused("ends before its last page", ({ bytes, meta }) => {
    bytes.writeUInt32LE(1, meta.pageNumber * PAGE_BYTES + 148);
  });
});

test("room behind the last page is none", async () => {
  await withFile((folder) => {
    const file = path.join(folder, "data.mdb");
    const rows = rowsIn(folder);
    truncateSync(file, statSync(file).size + 2 ** 20);
    checkDataFileSync(folder, "full");
    assert.equal(rowsIn(folder), rows);
  });
});

test("the edges are the way to the last row, and nothing else", async () => {
  await withFile((folder) => {
    const damage = (child: number): void => {
      const file = new EditedFile(folder);
      const branch = file.root;
      const index = child < 0 ? branch.readUInt16LE(20) / 2 + child : child;
      file.page(file.node(branch, index).readUInt32LE(0)).fill(0);
      file.write();
    };
    damage(1);
    throws(() => checkDataFileSync(folder, "full"), CORRUPTED);
    checkDataFileSync(folder, "edges");
    damage(-1);
    throws(() => checkDataFileSync(folder, "edges"), CORRUPTED);
  });
});

test("the event loop gets its turn during a long check", async () => {
  await withTree(async (environment, folder) => {
    environment.transactionSync(() => {
      for (let row = 0; row < 100_000; row += 1) {
        environment.putSync(numberedKey(row), Buffer.alloc(8));
      }
    });
    const turns = await turnsDuring(() => checkDataFile(folder, "full"));
    assert.ok(turns >= 3, `${turns} turns`);
  });
});

test.run();
