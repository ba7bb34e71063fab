import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeLife } from "../../torture/syscalls/judgeLife.ts";
import { commitsBehind, durableCommitsIn } from "../../torture/syscalls/commits.ts";
import { DATA_FILE, RUN_ID, type Life, type Said } from "../../torture/syscalls/Life.ts";
import { missesOf } from "../../torture/syscalls/missesOf.ts";
import {
  DRAWERS,
  failuresIn,
  nameOf,
  pointsIn,
  SHORT,
  type FailingPoint,
} from "../../torture/syscalls/points.ts";

const test = suite("syscalls");

const FILE = DATA_FILE;
const NEXT_MAIN = { life: "next", role: "main" } as const;
const POINT: FailingPoint = {
  life: "next",
  role: "writer",
  file: FILE,
  syscall: "fdatasync",
  nth: 3,
  error: "EIO",
};
/** Commits at 910, 940 and, the one that fails, 1,000. */
const COMMITS = [
  pageAt(905, 8_192),
  syncAt(910, "0"),
  pageAt(935, 12_288),
  syncAt(940, "0"),
  pageAt(995, 16_384),
];
const INJECTED_AT = 1_000;
const TRACE = [...COMMITS, syncAt(INJECTED_AT, "-1 EIO (Input/output error) (INJECTED)")].join(
  "\n",
);
const SHORT_RESULT = "0 (INJECTED)";
/** The acknowledgement of seq 1 takes one commit, and so on. */
const NEEDED = new Map([1, 11, 21, 31].map((seq, at) => [seq, at + 1]));

const OPEN: Said = { at: 920, word: "open", value: { runId: RUN_ID } };
const ACK_1: Said = { at: 921, word: "ack", value: { seq: 1 } };
const ACK: Said = { at: 950, word: "ack", value: { seq: 11 } };
const FALSE_ACK: Said = { at: 1_003, word: "ack", value: { seq: 21 } };
const HALT = haltOf({ kind: "backend-disk", code: 5 });
const REJECTED: Said = { at: 1_011, word: "append", value: { code: "TIDEMARK_HALTED" } };
const READ_LESS: Said = { at: 1_012, word: "read", value: { count: 10 } };
const FOUND_ANOTHER: Said = { at: 1_012, word: "reader", value: { count: 11, found: 3 } };
const CLOSED: Said = { at: 1_020, word: "closed", value: { status: "ended" } };

function callAt(at: number, call: string, result: string): string {
  return `77 ${(at / 1_000).toFixed(6)} ${call} = ${result}`;
}

function pageAt(at: number, place: number, result = "4096"): string {
  return callAt(at, `pwrite64(9</d/${FILE}>, ""..., 4096, ${place})`, result);
}

function syncAt(at: number, result: string): string {
  return callAt(at, `fdatasync(5</d/${FILE}>)`, result);
}

function haltOf(value: Readonly<Record<string, unknown>>): Said {
  return { at: 1_010, word: "halt", value };
}

function lifeOf(life: Partial<Life>): Life {
  const said = [OPEN, ACK_1, ACK, HALT, REJECTED];
  return { said, ending: { exit: 0, stderr: "" }, trace: TRACE, hung: false, left: false, ...life };
}

function breachesOf(life: Partial<Life>, point: Partial<FailingPoint> = {}): readonly string[] {
  return judgeLife(lifeOf(life), { ...POINT, ...point }, NEEDED).breaches;
}

test("has nothing to say of a life that halts once, with the number, and ends", () => {
  const { outcome, breaches, acknowledged } = judgeLife(lifeOf({}), POINT, NEEDED);
  assert.equal([outcome, breaches, acknowledged], ["halted backend-disk", [], 11]);
});

const BROKEN: readonly (readonly [what: string, life: Partial<Life>])[] = [
  ["a life that hangs", { hung: true }],
  ["a death", { ending: { exit: "SIGSEGV", stderr: "" } }],
  ["a writer that outlives its run", { left: true }],
  ["a second halt", { said: [OPEN, HALT, HALT] }],
  ["an acknowledgement after the halt", { said: [OPEN, HALT, ACK] }],
  ["a false acknowledgement before the halt", { said: [OPEN, ACK_1, ACK, FALSE_ACK, HALT] }],
  ["an acknowledged entry that is not read", { said: [...lifeOf({}).said, READ_LESS] }],
  ["an entry that is not found by its key", { said: [...lifeOf({}).said, FOUND_ANOTHER] }],
  ["an error that is none of ours", { said: [OPEN, { ...REJECTED, value: { code: "EIO" } }] }],
  ["a halt that comes late", { said: [OPEN, { ...HALT, at: INJECTED_AT + 1_001 }] }],
  ["a failing disk that is called slow", { said: [haltOf({ kind: "commit-stall" })] }],
  ["a failing disk that is called a bug", { said: [haltOf({ kind: "backend-error", code: 5 })] }],
  ["a failing disk with another number", { said: [haltOf({ kind: "backend-disk", code: 28 })] }],
  ["a failing disk without a number", { said: [haltOf({ kind: "backend-disk" })] }],
  ["a failed sync that nobody hears of", { said: [OPEN, ACK_1, ACK, CLOSED] }],
];

for (const [what, life] of BROKEN) {
  test(`objects to ${what}`, () => {
    assert.is.not(breachesOf(life).length, 0);
  });
}

test("counts what was made durable, and not what has only been synced", () => {
  const brokenPage = [pageAt(995, 16_384, "-1 EIO (INJECTED)"), syncAt(1_000, "0")];
  const mendedPage = [
    pageAt(995, 16_384, "-1 EINTR (INJECTED)"),
    pageAt(996, 16_384),
    syncAt(997, "-1 EINTR (INJECTED)"),
    syncAt(1_000, "0"),
  ];
  const zeros = [callAt(995, `write(5</d/${FILE}>, ""..., 4096)`, "4096"), syncAt(1_000, "0")];
  const counted = [brokenPage, mendedPage, zeros].map(
    (calls) => durableCommitsIn([...COMMITS.slice(0, 4), ...calls].join("\n"), FILE).length,
  );
  assert.equal(counted, [2, 3, 2]);
  const said = [ACK_1, ACK];
  const syncs = durableCommitsIn(TRACE, FILE);
  assert.equal([...commitsBehind(said, syncs)], [...NEEDED].slice(0, 2));
});

test("lets an answer be on its way while room is made for the next commit, and one alone", () => {
  const zeros = callAt(1_000, `write(5</d/${FILE}>, ""..., 4096)`, "-1 EIO (INJECTED)");
  const trace = [...COMMITS, syncAt(998, "0"), zeros].join("\n");
  const point = { syscall: "write" };
  const said = [OPEN, ACK_1, ACK, FALSE_ACK];
  assert.equal(breachesOf({ trace, said: [...said, HALT] }, point), []);
  const next: Said = { at: 1_006, word: "ack", value: { seq: 31 } };
  assert.is.not(breachesOf({ trace, said: [...said, next, HALT] }, point).length, 0);
});

test("lets an interrupted sync be made again, at once", () => {
  const again = syncAt(1_001, "0");
  const interrupted = syncAt(INJECTED_AT, "-1 EINTR (INJECTED)");
  const said = [OPEN, ACK_1, ACK, FALSE_ACK, CLOSED];
  const [made, swallowed] = [[again], [pageAt(1_001, 20_480), syncAt(1_002, "0")]].map((calls) => {
    const trace = [...COMMITS, interrupted, ...calls].join("\n");
    return breachesOf({ said, trace }, { error: "EINTR" });
  });
  assert.equal(made, []);
  assert.is.not(swallowed?.length, 0);
});

test("lets a short note in lock.mdb be written again before anybody hears of it", () => {
  const file = FILE.replace("data", "lock");
  const note = `pwrite64(5</d/${file}>, ""..., 8, 36800)`;
  const trace = [callAt(1_000, note, "0 (INJECTED)"), callAt(1_005, note, "8")].join("\n");
  const point = { file, syscall: "pwrite64", error: SHORT };
  const late = { ...FALSE_ACK, at: 1_006 };
  assert.equal(breachesOf({ trace, said: [OPEN, ACK_1, late, CLOSED] }, point), []);
  const early = [OPEN, ACK_1, FALSE_ACK, CLOSED];
  assert.is.not(breachesOf({ trace, said: early }, point).length, 0);
});

test("judges each writer of a life by the call that failed in it", () => {
  const again = pageAt(901, 0);
  const recovery = { at: 1_005, word: "recover", value: { code: "TIDEMARK_DISK", errno: 5 } };
  const said = [OPEN, ACK_1, ACK, recovery];
  const [good, bad] = [again, pageAt(901, 4_096)].map((next) => {
    const trace = [
      pageAt(900, 0, SHORT_RESULT),
      next,
      ...COMMITS,
      pageAt(1_000, 0, SHORT_RESULT),
    ].join("\n");
    return breachesOf({ trace, said }, { syscall: "pwrite64", error: SHORT });
  });
  assert.equal(good, []);
  assert.match(String(bad), "after the failure");
});

function closedAfterReading(readAt: number): readonly Said[] {
  const read: Said = { at: readAt, word: "read", value: { count: 11 } };
  return [OPEN, read, { at: 1_010, word: "ack", value: { seq: 12 } }, CLOSED];
}

test("excuses the sync that gives the reserve back, and no other of the run's folder", () => {
  const point: Partial<FailingPoint> = {
    role: "main",
    file: path.dirname(FILE),
    syscall: "fsync",
  };
  const fsync = `fsync(5</d/${point.file}>)`;
  const trace = [
    callAt(1_000, fsync, "-1 EIO (INJECTED)"),
    callAt(1_012, fsync, "0"),
    callAt(1_015, fsync, "0"),
  ].join("\n");
  assert.equal(breachesOf({ trace, said: closedAfterReading(990) }, point), []);
  // While the run is created nothing makes up for it.
  assert.is.not(breachesOf({ trace, said: closedAfterReading(1_005) }, point).length, 0);
});

test("excuses zeros for which the disk had no room, and no other failure of them", () => {
  const said = [OPEN, ACK_1, { at: 1_010, word: "ack", value: { seq: 11 } }, CLOSED];
  const trace = [callAt(900, `write(9</d/${FILE}>, ""..., 65536)`, "-1 ENOSPC (INJECTED)"), TRACE];
  const isUntold = (point: Partial<FailingPoint>): boolean =>
    breachesOf({ said, trace: trace.join("\n") }, { syscall: "write", ...point }).includes(
      "nobody was told",
    );
  const untold = [
    isUntold({ error: "ENOSPC" }),
    isUntold({ error: "EDQUOT" }),
    isUntold({ error: "EIO" }),
    isUntold({ error: "ENOSPC", role: "main" }),
    isUntold({ error: "ENOSPC", file: `${path.dirname(FILE)}/lock.mdb` }),
    isUntold({ error: "ENOSPC", syscall: "pwrite64" }),
  ];
  assert.equal(untold, [false, false, true, true, true, true]);
});

test("counts the calls of each thread on each file of the runs", () => {
  const trace = [
    '7 1.0 openat(AT_FDCWD</home>, "/d/default/1/data.mdb", O_RDWR) = 9</d/default/1/data.mdb>',
    '7 1.1 pwrite64(9</d/default/1/data.mdb>, ""..., 4096, 0) = 4096',
    '8 1.2 pwrite64(9</d/default/1/data.mdb>, ""..., 4096, 0 <unfinished ...>',
    "8 1.3 <... pwrite64 resumed>) = 4096",
    '7 1.4 pwrite64(9</d/default/1/data.mdb>, ""..., 4096, 0) = 4096',
    '7 1.5 openat(AT_FDCWD</home>, "/elsewhere", O_RDWR) = 10</elsewhere>',
  ].join("\n");
  const points = pointsIn(trace, NEXT_MAIN, "/d");
  assert.equal(
    points.map(({ file, syscall, nth }) => `${syscall} #${nth} ${file}`),
    ["openat #1", "pwrite64 #1", "pwrite64 #2"].map((call) => `${call} default/1/data.mdb`),
  );
  // Writes can be short as well.
  assert.is(failuresIn(points, { seed: 1, from: 0, count: DRAWERS }).length, 5 + 6 + 6);
});

test("counts the calls on the folder of the runs itself", () => {
  const trace = ['7 1.0 mkdir("/d", 0700) = 0', '7 1.1 mkdir("/day", 0700) = 0'].join("\n");
  const points = pointsIn(trace, NEXT_MAIN, "/d");
  assert.equal(
    points.map(({ file }) => file),
    ["."],
  );
});

function callsOf(count: number): string {
  const lines = Array.from({ length: count }, () => "7 1.1 fsync(9</d/default/1/data.mdb>) = 0");
  return lines.join("\n");
}

function casesIn(
  trace: string,
  slices: readonly (readonly [from: number, count: number])[],
): string[] {
  const points = pointsIn(trace, NEXT_MAIN, "/d");
  return slices.flatMap(([from, count]) =>
    failuresIn(points, { seed: 1, from, count }).map(nameOf),
  );
}

test("has every case in one slice, and the same cases in each, whatever else a life calls", () => {
  const half = DRAWERS / 2;
  const whole = casesIn(callsOf(30), [[0, DRAWERS]]);
  assert.equal(
    casesIn(callsOf(30), [
      [0, 700],
      [700, DRAWERS],
    ]),
    whole,
  );
  assert.is(new Set(whole).size, 30 * 5);
  const fewer = casesIn(callsOf(29), [[0, half]]);
  const lower = casesIn(callsOf(30), [[0, half]]);
  assert.equal(
    fewer,
    lower.filter((name) => !name.includes("#30 ")),
  );
});

test("draws the cases anew for another seed", () => {
  const points = pointsIn(callsOf(3), NEXT_MAIN, "/d");
  const [first, again, other] = [1, 1, 2].map((seed) =>
    failuresIn(points, { seed, from: 0, count: DRAWERS }).map(nameOf),
  );
  assert.equal(first, again);
  assert.not.equal(first, other);
});

test("objects to a sweep that missed more than one call and more than one of a hundred", () => {
  const missed = [
    [0, 5],
    [1, 5],
    [2, 5],
    [2, 198],
    [3, 197],
  ].map(([notReached = 0, cases = 0]) => missesOf(notReached, cases).length);
  assert.equal(missed, [0, 0, 1, 0, 1]);
});

test.run();
