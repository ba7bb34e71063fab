import { suite } from "uvu";
import * as assert from "uvu/assert";
import { syncsIn } from "../../bench/peers/syncsIn.ts";

const test = suite("bench/syncsIn");

function traceOf(...lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

test("a call that another thread comes between is one sync, and none where it never returns", () => {
  const trace = traceOf(
    "11 fdatasync(5</data/log> <unfinished ...>",
    "12 fsync(6</data/other>) = 0",
    "11 <... fdatasync resumed>) = 0",
    "12 fdatasync(6</data/other> <unfinished ...>",
    "11 +++ exited with 0 +++",
  );
  assert.is(syncsIn(trace), 2);
});

test("a write is a sync where its file was opened so, whole or in two pieces", () => {
  const trace = traceOf(
    '11 openat(AT_FDCWD</data>, "data.mdb", O_RDWR|O_CREAT, 0664) = 4</data/data.mdb>',
    '11 openat(AT_FDCWD</data>, "data.mdb", O_RDWR|O_DSYNC|O_CLOEXEC) = 5</data/data.mdb>',
    '12 openat(AT_FDCWD</data>, "wal", O_RDWR|O_DSYNC <unfinished ...>',
    '11 pwrite64(4</data/data.mdb>, ""..., 4096, 0) = 4096',
    "12 <... openat resumed>) = 7</data/wal>",
    '11 pwrite64(5</data/data.mdb>, ""..., 64, 16 <unfinished ...>',
    '12 writev(7</data/wal>, [{iov_base=""..., iov_len=8}], 1) = 8',
    "11 <... pwrite64 resumed>) = 64",
  );
  assert.is(syncsIn(trace), 2);
});

test("what fails, or only begins to write back, is none", () => {
  const trace = traceOf(
    "11 fsync(1<pipe:[7]>) = -1 EINVAL (Invalid argument)",
    "11 msync(0x7f0000000000, 4096, MS_ASYNC) = 0",
    "11 msync(0x7f0000000000, 4096, MS_SYNC) = 0",
    '11 pwritev2(4</data/log>, [{iov_base=""..., iov_len=8}], 1, 0, RWF_DSYNC) = 8',
  );
  assert.is(syncsIn(trace), 2);
});

test.run();
