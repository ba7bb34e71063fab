import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DATA_FILE, type Said } from "../../torture/syscalls/Life.ts";
import { misnamed } from "../../torture/syscalls/misnamed.ts";
import type { FailingPoint } from "../../torture/syscalls/points.ts";

const test = suite("misnamed");

const POINT: FailingPoint = {
  life: "next",
  role: "writer",
  file: DATA_FILE,
  syscall: "fdatasync",
  nth: 3,
  error: "EIO",
};

function haltOf(value: Readonly<Record<string, unknown>>): Said {
  return { at: 1_010, word: "halt", value };
}

test("tells an interrupted call by its own number, and never as a fencing", () => {
  const told = [
    haltOf({ kind: "backend-error", code: 4 }),
    haltOf({ kind: "backend-disk", code: 4 }),
    haltOf({ kind: "fenced", epoch: 1, foundEpoch: 2 }),
  ];
  const wrong = told.map((halt) => misnamed(halt, { ...POINT, error: "EINTR" }).length);
  assert.equal(wrong, [0, 1, 1]);
});

test("lets LMDB die of its own calls, and of no call of ours", () => {
  const text = "The writer process was ended by SIGABRT";
  const death = haltOf({ kind: "backend-error", text });
  const failed = { at: 1_000, word: "failed", value: { code: "TIDEMARK_BACKEND", text } };
  const wrong = [
    misnamed(death, { ...POINT, syscall: "pwrite64" }),
    misnamed(death, POINT),
    misnamed(failed, { ...POINT, syscall: "lseek" }),
    misnamed({ ...failed, word: "recover" }, { ...POINT, syscall: "lseek" }),
    misnamed({ ...failed, word: "append" }, { ...POINT, syscall: "lseek" }),
    misnamed(failed, POINT),
    misnamed(failed, { ...POINT, syscall: "lseek", role: "main" }),
  ];
  assert.equal(
    wrong.map(({ length }) => length),
    [0, 1, 0, 0, 1, 1, 1],
  );
});

test("excuses the number that lmdb hides of an fstat while it opens, and no other", () => {
  const text = "BackendError: lmdb could not ask for the state of a file in /d";
  const value = { code: "TIDEMARK_BACKEND", text };
  const failed = { at: 1_000, word: "failed", value };
  const fstat = { ...POINT, syscall: "newfstatat" };
  const wrong = [
    misnamed(failed, fstat),
    misnamed({ ...failed, word: "append" }, fstat),
    misnamed({ ...failed, value: { ...value, errno: -30_798 } }, fstat),
    misnamed({ ...failed, value: { ...value, text: "BackendError: no" } }, fstat),
    misnamed(failed, { ...fstat, syscall: "lseek" }),
  ];
  assert.equal(
    wrong.map(({ length }) => length),
    [0, 1, 1, 1, 1],
  );
});

test.run();
