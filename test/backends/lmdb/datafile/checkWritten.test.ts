import { suite } from "uvu";
import * as assert from "uvu/assert";
import { resultOf } from "../../../../src/backends/lmdb/datafile/checkState.ts";
import {
  checkWritten,
  type SnapshotPair,
} from "../../../../src/backends/lmdb/datafile/checkWritten.ts";
import { metaPair, type Meta } from "../../../../src/backends/lmdb/datafile/metas.ts";
import { PageFile } from "../../../../src/backends/lmdb/datafile/PageFile.ts";
import { Snapshot } from "../../../../src/backends/lmdb/datafile/Snapshot.ts";
import type { Environment } from "../../../../src/backends/lmdb/environment.ts";
import { throws } from "../rejection.ts";
import { numberedKey, withTree } from "./support/nativeTree.ts";

const test = suite("checkWritten");
const CORRUPTED = { code: "TIDEMARK_CORRUPTED" };
const ROWS = 10;

function checkAll(...asked: Parameters<typeof checkWritten>): void {
  resultOf(checkWritten(...asked));
}

/** Takes a step with two states in a row: ten rows, and what a change has made of them. */
async function withPair(
  change: (environment: Environment) => void,
  step: (pair: SnapshotPair) => void,
  saidRows?: number,
): Promise<void> {
  await withTree((environment, folder) => {
    environment.transactionSync(() => {
      for (let row = 0; row < ROWS; row += 1) put(environment, row, "old");
    });
    environment.transactionSync(() => change(environment));
    const file = PageFile.open(folder);
    try {
      const { newer, older } = metaPair(...file.readMetas(), file.pageBytes);
      const stateOf = (meta: Meta): Snapshot => new Snapshot(file, meta, new Map());
      const said = saidRows === undefined ? newer : withRows(newer, saidRows);
      step({ newer: stateOf(said), older: stateOf(older) });
    } finally {
      file.close();
    }
  });
}

function put(environment: Environment, row: number, value: string): void {
  environment.putSync(numberedKey(row), Buffer.from(value));
}

function replaceAndAdd(environment: Environment): void {
  put(environment, 3, "other");
  put(environment, ROWS, "new");
}

/** Checks that a pair is refused although all of its rows prove themselves. */
function isRefused(pair: SnapshotPair, reason: string): void {
  const { message } = throws(() => checkAll(pair, isAlwaysProven), CORRUPTED);
  assert.match(message, reason);
}

function textOf(value: Uint8Array | undefined): string {
  return value === undefined ? "nothing" : Buffer.from(value).toString();
}

function withRows(meta: Meta, rows: number): Meta {
  return { ...meta, main: { ...meta.main, sums: { ...meta.main.sums, rows } } };
}

function isNeverProven(): boolean {
  return false;
}

function isAlwaysProven(): boolean {
  return true;
}

test("a row that is new or another is proven by itself, with what stood there before", async () => {
  const asked: string[] = [];
  await withPair(replaceAndAdd, (pair) => {
    checkAll(pair, ({ value }, { before, txnid }) => {
      assert.is(txnid, pair.newer.meta.txnid);
      asked.push(`${textOf(value)} for ${textOf(before)}`);
      return true;
    });
    throws(() => checkAll(pair, isNeverProven), CORRUPTED);
  });
  assert.equal(asked, ["other for old", "new for nothing"]);
});

test("a transaction has as many new rows as its meta page says", async () => {
  await withPair(replaceAndAdd, (pair) => checkAll(pair, isAlwaysProven));
  await withPair(
    replaceAndAdd,
    (pair) => isRefused(pair, "has 1 new rows, and says otherwise"),
    ROWS + 2,
  );
});

test("no row goes away, also where another has come for it", async () => {
  for (const gone of [0, ROWS - 1]) {
    const change = (environment: Environment): void => {
      environment.removeSync(numberedKey(gone));
      put(environment, ROWS, "new");
    };
    // Those behind a row that is gone pass for new ones.
    const newRows = ROWS - gone;
    await withPair(
      change,
      (pair) => isRefused(pair, "lacks a row that was there before"),
      ROWS + newRows,
    );
  }
});

test.run();
