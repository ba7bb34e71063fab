import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeLife } from "../../torture/syscalls/judgeLife.ts";
import type { Life, Said } from "../../torture/syscalls/Life.ts";
import { missesOf } from "../../torture/syscalls/missesOf.ts";
import { failuresOf, nameOf, pointsIn, type FailingPoint } from "../../torture/syscalls/points.ts";

const test = suite("syscalls");

const POINT: FailingPoint = {
  role: "writer",
  file: "default/1-0/data.mdb",
  syscall: "fdatasync",
  nth: 2,
  error: "EIO",
};
const INJECTED_AT = 1_000;
const TRACE = `77 ${INJECTED_AT / 1_000}.000 fdatasync(5</runs/default/1-0/data.mdb>) = -1 EIO (INJECTED)`;

const OPEN: Said = { at: 900, word: "open", value: { runId: "1-0" } };
const ACK: Said = { at: 950, word: "ack", value: { seq: 11 } };
const HALT: Said = { at: 1_010, word: "halt", value: { kind: "backend-disk", code: 5 } };
const REJECTED: Said = { at: 1_011, word: "append", value: { code: "TIDEMARK_HALTED" } };
const CLOSED: Said = { at: 1_020, word: "closed", value: { status: "ended" } };

function lifeOf(life: Partial<Life>): Life {
  const said = [OPEN, ACK, HALT, REJECTED];
  return { said, ending: { exit: 0, stderr: "" }, trace: TRACE, hung: false, left: false, ...life };
}

test("has nothing to say of a life that halts once, with the number, and ends", () => {
  const { outcome, breaches, acknowledged } = judgeLife(lifeOf({}), POINT);
  assert.equal([outcome, breaches, acknowledged], ["halted backend-disk", [], 11]);
});

const BROKEN: readonly (readonly [what: string, life: Partial<Life>])[] = [
  ["a life that hangs", { hung: true }],
  ["a death", { ending: { exit: "SIGSEGV", stderr: "" } }],
  ["a writer that outlives its run", { left: true }],
  ["a second halt", { said: [OPEN, HALT, HALT] }],
  ["an acknowledgement after the halt", { said: [OPEN, HALT, ACK] }],
  ["an error that is none of ours", { said: [OPEN, { ...REJECTED, value: { code: "EIO" } }] }],
  ["a halt that comes late", { said: [OPEN, { ...HALT, at: INJECTED_AT + 1_001 }] }],
  ["a failing disk that is called slow", { said: [{ ...HALT, value: { kind: "commit-stall" } }] }],
  [
    "a failing disk that is called a bug",
    { said: [{ ...HALT, value: { kind: "backend-error" } }] },
  ],
  ["a failed sync that nobody hears of", { said: [OPEN, ACK, CLOSED] }],
];

for (const [what, life] of BROKEN) {
  test(`objects to ${what}`, () => {
    assert.is.not(judgeLife(lifeOf(life), POINT).breaches.length, 0);
  });
}

test("counts the calls of each thread on each file of the runs", () => {
  const trace = [
    '7 1.0 openat(AT_FDCWD</home>, "/d/default/1/data.mdb", O_RDWR) = 9</d/default/1/data.mdb>',
    '7 1.1 pwrite64(9</d/default/1/data.mdb>, ""..., 4096, 0) = 4096',
    '8 1.2 pwrite64(9</d/default/1/data.mdb>, ""..., 4096, 0 <unfinished ...>',
    "8 1.3 <... pwrite64 resumed>) = 4096",
    '7 1.4 pwrite64(9</d/default/1/data.mdb>, ""..., 4096, 0) = 4096',
    '7 1.5 openat(AT_FDCWD</home>, "/elsewhere", O_RDWR) = 10</elsewhere>',
  ].join("\n");
  const points = pointsIn(trace, "main", "/d");
  assert.equal(
    points.map(({ file, syscall, nth }) => `${syscall} #${nth} ${file}`),
    ["openat #1", "pwrite64 #1", "pwrite64 #2"].map((call) => `${call} default/1/data.mdb`),
  );
  // Writes can be short as well.
  assert.is(failuresOf(points, 1).length, 5 + 6 + 6);
});

test("draws the cases anew for another seed, and no case twice", () => {
  const trace = "7 1.1 fsync(9</d/default/1/data.mdb>) = 0";
  const orders = [1, 1, 2].map((seed) =>
    failuresOf(pointsIn(trace, "main", "/d"), seed).map(nameOf),
  );
  assert.equal(orders[0], orders[1]);
  assert.not.equal(orders[0], orders[2]);
  assert.is(new Set(orders[2]).size, 5);
});

test("objects to a sweep that missed more than a tenth of its calls, and more than two", () => {
  const missed = [3, 3, 2, 11, 10].map(
    (notReached, at) => missesOf(notReached, [6, 31, 6, 100, 100][at] ?? 0).length,
  );
  assert.equal(missed, [1, 0, 0, 1, 0]);
});

test.run();
