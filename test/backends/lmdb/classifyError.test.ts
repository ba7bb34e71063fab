import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { classifyError, explainedOpening } from "../../../src/backends/lmdb/classifyError.ts";
import { errorOf, failureOf } from "../../../src/backends/lmdb/failure.ts";
import {
  BackendError,
  CorruptedError,
  DiskError,
  FencedError,
  OutOfOrderError,
} from "../../../src/model/errors.ts";

const test = suite("classifyError");
const FOLDER = tmpdir();

function lmdbError(code: number): Error {
  return Object.assign(new Error("No space left on device"), { code });
}

function systemError(errno: number, code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { errno, code });
}

test("the numbers of a disk are the disk's, from LMDB as from the system", () => {
  for (const number of [28, 122, 27, 5, 30, 6, 19, 77]) {
    for (const error of [lmdbError(number), systemError(-number, "E")]) {
      const known = classifyError(error, FOLDER);
      assert.instance(known, DiskError);
      assert.is((known as DiskError).errno, number);
      assert.is(known.cause, error);
    }
  }
});

test("an opening whose fstat failed is not told as a key that was not found", () => {
  const error = lmdbError(-30_798);
  const told = explainedOpening(error, FOLDER) as BackendError;
  assert.instance(told, BackendError);
  assert.match(told.message, /^lmdb could not ask for the state of a file in /);
  assert.is(told.errno, undefined);
  assert.is(told.cause, error);
  const other = lmdbError(-30_793);
  assert.is(explainedOpening(other, FOLDER), other);
});

test("the numbers of damage are damage", () => {
  for (const number of [-30_796, -30_797, -30_793, -30_794, -30_782, -30_778]) {
    assert.instance(classifyError(lmdbError(number), FOLDER), CorruptedError);
  }
});

test("every other number and none is the backend's, whatever the text says", () => {
  for (const number of [13, 24, -30_795, -30_792, -30_790]) {
    const known = classifyError(lmdbError(number), FOLDER);
    assert.instance(known, BackendError);
    assert.is((known as BackendError).errno, number);
  }
  for (const odd of [new Error("EIO: disk full"), "a text", undefined, null]) {
    assert.instance(classifyError(odd, FOLDER), BackendError);
  }
});

test("a number in a folder that is gone is classified all the same", () => {
  const gone = mkdtempSync(path.join(FOLDER, "tidemark-"));
  rmSync(gone, { recursive: true });
  assert.instance(classifyError(lmdbError(5), gone), DiskError);
});

test("an error of ours stays what it is", () => {
  const fenced = new FencedError(1, 2);
  assert.is(classifyError(fenced, FOLDER), fenced);
});

test("every failure crosses as data and comes back as it was", () => {
  const failures = [
    new DiskError("full", 28),
    new DiskError("full"),
    new BackendError("odd", -30_795),
    new CorruptedError("torn", 7),
    new CorruptedError("torn"),
    new FencedError(1, 2),
    new OutOfOrderError(5, 3),
  ];
  for (const failure of failures) {
    const back = errorOf(structuredClone(failureOf(failure)));
    assert.is(back.constructor, failure.constructor);
    assert.is(back.message, failure.message);
    assert.equal(Object.entries(back), Object.entries(failure));
  }
});

test.run();
