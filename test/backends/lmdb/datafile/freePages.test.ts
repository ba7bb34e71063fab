import { suite } from "uvu";
import * as assert from "uvu/assert";
import { freePagesIn } from "../../../../src/backends/lmdb/datafile/freePages.ts";
import { throws } from "../rejection.ts";

const test = suite("freePagesIn");

function rowOf(...words: readonly number[]): Uint8Array {
  const row = Buffer.alloc(words.length * 8);
  words.forEach((word, at) => row.writeBigInt64LE(BigInt(word), at * 8));
  return row;
}

const pagesIn = (row: Uint8Array): readonly (readonly [number, number])[] =>
  Array.from(freePagesIn(row), ({ pageNumber, pageCount }) => [pageNumber, pageCount] as const);

test("gives single pages, and spans where a length stands before the page", () => {
  assert.equal(pagesIn(rowOf(6, 90, 0, -3, 70, 0, 12)), [
    [90, 1],
    [70, 3],
    [12, 1],
  ]);
  assert.equal(pagesIn(rowOf(0)), []);
  // What is behind the list, and a length without its page, mean nothing.
  assert.equal(pagesIn(rowOf(2, 9, -5, 8)), [[9, 1]]);
});

test("a list longer than its row is damage: LMDB would read on behind it", () => {
  for (const row of [rowOf(2, 5), rowOf(-1, 5), rowOf(2 ** 40, 5), new Uint8Array(7)]) {
    throws(() => pagesIn(row), { code: "TIDEMARK_CORRUPTED" });
  }
});

test.run();
