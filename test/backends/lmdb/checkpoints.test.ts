import {
  appendFileSync,
  closeSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  CHECKPOINT_HEADER,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../../src/backends/lmdb/checkpointLine.ts";
import { LogWriter, type OpenMode } from "../../../src/backends/lmdb/LogWriter.ts";
import { readCheckpoints } from "../../../src/backends/lmdb/readCheckpoints.ts";
import type { Checkpoint, Checkpoints } from "../../../src/backends/Backend.ts";
import { frameOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("checkpoints.log");

function headOf(seq: number): Checkpoint {
  return { seq, epoch: 3, digest: new Uint8Array(32).fill(seq % 251) };
}

function fileIn(folder: string): string {
  return path.join(folder, "checkpoints.log");
}

function opened(folder: string, mode: OpenMode): Promise<LogWriter> {
  return LogWriter.open({ folder, mode, runId: "run-1" });
}

/** What is read of a file, at its end and as a whole. */
async function readFrom(
  text: string | Uint8Array,
  step: (end: Checkpoints, whole: Checkpoints) => void,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    writeFileSync(fileIn(folder), text);
    step(await readCheckpoints(folder), await readCheckpoints(folder, true));
  });
}

function linesOf(count: number): string {
  const heads = Array.from({ length: count }, (_, at) => encodeCheckpoint(headOf(at + 1)));
  return CHECKPOINT_HEADER + heads.join("");
}

test("a line is text, and no byte of it can change unseen", () => {
  const head = { seq: 51, epoch: 2, digest: new Uint8Array(32).fill(0xab) };
  const line = encodeCheckpoint(head);
  assert.is(line, `51 2 ${"ab".repeat(32)} 40cdfaa6\n`);
  assert.equal(decodeCheckpoint(line.trimEnd()), head);
  const bytes = Buffer.from(line.trimEnd());
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.is(decodeCheckpoint(flipped.toString("latin1")), undefined, `bit ${bit}`);
  }
});

test("the latest is found at the end, and the whole is clean", async () => {
  for (const count of [1, 8, 20, 2_000]) {
    await readFrom(linesOf(count), (end, whole) => {
      assert.equal(end, { latest: headOf(count) });
      assert.equal(whole, end);
    });
  }
});

test("a file without a checkpoint says nothing", async () => {
  await readFrom(CHECKPOINT_HEADER, (end, whole) => {
    assert.equal(end, {});
    assert.equal(whole, {});
  });
});

test("the latest is the one with the largest seq: a writer that was fenced may add one late", async () => {
  await readFrom(linesOf(9) + encodeCheckpoint(headOf(7)), (end, whole) => {
    assert.equal(end, { latest: headOf(9) });
    assert.equal(whole, end);
  });
});

test("a last line that is cut off or not what was written is no damage", async () => {
  const line = encodeCheckpoint(headOf(10));
  const zeros = `${"\0".repeat(40)}${line.slice(40)}`;
  for (const torn of [line.slice(0, 1), line.slice(0, -1), zeros, "\0".repeat(4_096)]) {
    await readFrom(linesOf(9) + torn, (end, whole) => {
      assert.equal(end, { latest: headOf(9) });
      assert.equal(whole, end);
    });
  }
});

test("a damaged line before the last one is told, and the others count", async () => {
  const lines = linesOf(100).replace("\n50 ", "\n51 ").replace("\n60 ", "\r\n60 ");
  await readFrom(lines, (end, whole) => {
    assert.equal(end, { latest: headOf(100) });
    assert.equal(whole, {
      latest: headOf(100),
      problem: "checkpoints.log has lines that cannot be read: 2",
    });
  });
});

test("two last lines that cannot be read are one line of damage", async () => {
  await readFrom(`${linesOf(9)}x\n${"y".repeat(100_000)}`, (end, whole) => {
    assert.is(end.latest?.seq, 9);
    assert.equal(whole, {
      latest: headOf(9),
      problem: "checkpoints.log has lines that cannot be read: 1",
    });
  });
});

test("a file that does not begin as it must is told", async () => {
  for (const text of ["", "tidemark checkpoints 2\n", linesOf(1).slice(4)]) {
    await readFrom(text, (_, whole) => {
      assert.is(whole.problem, "checkpoints.log does not begin with its version");
    });
  }
});

test("a file that is missing, a link or a folder is a problem and no failure", async () => {
  await inTemporaryFolder(async (folder) => {
    const problem = async (): Promise<string | undefined> => {
      const [end, whole] = [await readCheckpoints(folder), await readCheckpoints(folder, true)];
      assert.equal(end, whole);
      return whole.problem;
    };
    assert.is(await problem(), "checkpoints.log is missing");
    symlinkSync("/dev/zero", fileIn(folder));
    assert.is(await problem(), "checkpoints.log is a symbolic link");
    assert.is((await readCheckpoints(path.join(folder, "none"))).latest, undefined);
    rmSync(fileIn(folder));
    mkdirSync(fileIn(folder));
    assert.is(await problem(), "checkpoints.log is no file");
  });
});

test("is made with the run, for its owner alone, before anything is stored", async () => {
  await inTemporaryFolder(async (folder) => {
    const writer = await opened(folder, "create");
    assert.is(readFileSync(fileIn(folder), "utf8"), CHECKPOINT_HEADER);
    assert.is(statSync(fileIn(folder)).mode & 0o777, 0o600);
    await writer.close();
    assert.equal(await readCheckpoints(folder, true), {});
  });
});

test("remembers the head when asked, and each once", async () => {
  await inTemporaryFolder(async (folder) => {
    const writer = await opened(folder, "create");
    writer.append([frameOf(1, 3).bytes]);
    writer.prepareNext();
    assert.equal(await readCheckpoints(folder), {});
    writer.checkpoint();
    writer.checkpoint();
    const { latest } = await readCheckpoints(folder);
    assert.equal([latest?.seq, latest?.epoch], [3, 1]);
    assert.is(readFileSync(fileIn(folder), "utf8").split("\n").length, 3);
    await writer.close();
    assert.equal(await readCheckpoints(folder, true), { latest });
  });
});

test("is at most 10 000 entries behind", async () => {
  await inTemporaryFolder(async (folder) => {
    const writer = await opened(folder, "create");
    let remembered = 0;
    for (let seq = 1; seq <= 45_000; seq += 1_500) {
      const toSeq = writer.append([frameOf(seq, 1_500, { payload: Buffer.alloc(8) }).bytes]);
      writer.prepareNext();
      remembered = (await readCheckpoints(folder)).latest?.seq ?? 0;
      assert.ok(toSeq - remembered < 10_000, `${remembered} at ${toSeq}`);
    }
    assert.ok(remembered > 30_000);
    assert.is(readFileSync(fileIn(folder), "utf8").split("\n").length - 2, 4);
    await writer.seal();
    assert.is((await readCheckpoints(folder, true)).latest?.seq, 45_000);
  });
});

test("a close remembers the head like a seal", async () => {
  await inTemporaryFolder(async (folder) => {
    const writer = await opened(folder, "create");
    writer.append([frameOf(1, 3).bytes]);
    await writer.close();
    assert.is((await readCheckpoints(folder)).latest?.seq, 3);
  });
});

test("a torn last line is cut off by the next writer, and nothing else", async () => {
  await inTemporaryFolder(async (folder) => {
    const writer = await opened(folder, "create");
    writer.append([frameOf(1, 3).bytes]);
    await writer.close();
    const whole = readFileSync(fileIn(folder), "utf8");
    appendFileSync(fileIn(folder), "4 1 00");
    const again = await opened(folder, "recover");
    assert.is(readFileSync(fileIn(folder), "utf8"), whole);
    again.append([frameOf(4).bytes]);
    await again.seal();
    const { latest, problem } = await readCheckpoints(folder, true);
    assert.equal([latest?.seq, latest?.epoch, problem], [4, 2, undefined]);
  });
});

test("what the log does not bear out is left as it is", async () => {
  const strangers: readonly ((text: string) => string | undefined)[] = [
    (text) => text + encodeCheckpoint(headOf(9)),
    (text) => text + encodeCheckpoint(headOf(3)),
    (text) => text.replace("checkpoints 1", "checkpoints 2"),
    () => undefined,
  ];
  for (const strange of strangers) {
    await inTemporaryFolder(async (folder) => {
      const writer = await opened(folder, "create");
      writer.append([frameOf(1, 3).bytes]);
      await writer.close();
      const text = strange(readFileSync(fileIn(folder), "utf8"));
      if (text === undefined) rmSync(fileIn(folder));
      else writeFileSync(fileIn(folder), text);
      const again = await opened(folder, "recover");
      again.append([frameOf(4, 20_000, { payload: Buffer.alloc(8) }).bytes]);
      again.prepareNext();
      again.checkpoint();
      await again.seal();
      const left = statSync(fileIn(folder), { throwIfNoEntry: false });
      assert.is(left && readFileSync(fileIn(folder), "utf8"), text);
    });
  }
});

if (process.platform === "linux") {
  test("a checkpoint that cannot be written ends the log, between commits too", async () => {
    for (const isAsked of [true, false]) {
      await inTemporaryFolder(async (folder) => {
        const writer = await opened(folder, "create");
        writer.append([frameOf(1, 10_000, { payload: Buffer.alloc(8) }).bytes]);
        closeSync(openFileOf(fileIn(folder)));
        if (isAsked) assert.throws(() => writer.checkpoint(), isBadFile);
        else assert.throws(() => writer.prepareNext(), isBadFile);
        assert.not(writer.isUnharmed);
        assert.throws(() => writer.append([frameOf(10_001).bytes]), isBadFile);
        assert.throws(() => writer.checkpoint(), isBadFile);
        await rejectsWith(writer.seal(), isBadFile);
        await rejectsWith(writer.close(), isBadFile);
      });
    }
  });
} else {
  console.log("Skipped: a checkpoint that cannot be written ends the log (there is no /proc here)");
}

function isBadFile(error: NodeJS.ErrnoException): boolean {
  return error.code === "EBADF";
}

/** The number under which this process has a file open. */
function openFileOf(file: string): number {
  const numbers = readdirSync("/proc/self/fd").map(Number);
  const found = numbers.find((number) => {
    try {
      return readlinkSync(`/proc/self/fd/${number}`) === file;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`${file} is not open`);
  return found;
}

async function rejectsWith(
  promise: Promise<unknown>,
  matches: (error: NodeJS.ErrnoException) => boolean,
): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(matches(error as NodeJS.ErrnoException));
}

test.run();
