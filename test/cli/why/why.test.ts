import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inTemporaryFolder } from "../../backends/lmdb/temporaryFolder.ts";
import { hasControls, recorded } from "../support/runs.ts";
import { run } from "../support/testContext.ts";

const test = suite("why");
const START_NS = 1_715_126_400_000_000_000n;

function idOf(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

/** A line with an id of its own and a cause, a millisecond after the one before. */
function line(id: number | undefined, cause?: number, extra: object = {}): object {
  return {
    topic: "t",
    payloadType: id === undefined ? "none" : `p${id}`,
    payload: "x",
    tsInit: String(START_NS + BigInt(1_000_000 * (id ?? 0))),
    ...(cause === undefined ? {} : { headers: { causationId: idOf(cause) } }),
    ...(id === undefined ? {} : { indexKeys: [{ kind: "messageId", key: idOf(id) }] }),
    ...extra,
  };
}

async function whyOf(directory: string, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(["why", "--directory", directory, ...args]);
  assert.is(exitCode, 0, stderr);
  return stdout;
}

test("why draws causes and consequences as one tree with the times between", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(
      directory,
      line(1),
      line(9),
      line(2, 1),
      line(3, 2),
      line(4, 3),
      line(5, 2),
      line(6, 1),
    );
    assert.is(
      await whyOf(directory, "4"),
      [
        "2  t  p1",
        "└─ 4  t  p2  +1 ms  ◀",
        "   ├─ 5  t  p3  +1 ms",
        "   │  └─ 6  t  p4  +1 ms",
        "   └─ 7  t  p5  +3 ms",
        "",
      ].join("\n"),
    );
  }));

test("why tells of a cause that is missing, a cycle, and an entry that nothing can name", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, line(1, 99), line(2, 3), line(3, 2), line(undefined, 1), line(4, 4));
    assert.is(
      await whyOf(directory, "5"),
      [
        `its cause ${idOf(99)} is not in this run`,
        "2  t  p1",
        "└─ 5  t  none  -1 ms  ◀",
        "nothing can name it as a cause: it has no id of its own",
        "",
      ].join("\n"),
    );
    assert.match(await whyOf(directory, "3"), /^its cause is entry 3 again: a cycle\n/);
    assert.match(await whyOf(directory, "6"), /^its cause is entry 6 again: a cycle\n6 .*◀\n$/);
  }));

test("why keeps to its limits and tells what it leaves out", () =>
  inTemporaryFolder(async (directory) => {
    const chain = Array.from({ length: 20 }, (_, n) => line(n + 1, n));
    await recorded(directory, ...chain);
    const text = await whyOf(directory, "10", "--depth", "2");
    assert.match(text, /^more than 2 causes/);
    assert.match(text, /left out: 1 and what they led to\n$/);
    assert.is(text.split("\n").length, 8);
    const fewer = JSON.parse(await whyOf(directory, "2", "--limit", "3", "--json")) as {
      consequencesLeftOut: number;
      causesEnd: object;
    };
    assert.is(fewer.consequencesLeftOut, 1);
    assert.equal(fewer.causesEnd, { kind: "missing", causationId: idOf(0) });
    for (const options of [
      ["--depth", "1001"],
      ["--limit", "0"],
      ["--depth", "x"],
    ]) {
      assert.is((await run(["why", "--directory", directory, "2", ...options])).exitCode, 2);
    }
  }));

test("why knows an id in capitals, and ids of another kind where it is told", () =>
  inTemporaryFolder(async (directory) => {
    const key = "0000000A-0000-4000-8000-00000000000B";
    const caused = { headers: { causationId: key.toLowerCase() } };
    await recorded(
      directory,
      line(1, undefined, { indexKeys: [{ kind: "messageId", key }] }),
      line(2, undefined, caused),
      line(3, undefined, { indexKeys: [{ kind: "commandId", key: idOf(7) }] }),
      line(4, 7),
    );
    assert.is(await whyOf(directory, "3"), "2  t  p1\n└─ 3  t  p2  +1 ms  ◀\n");
    assert.is(await whyOf(directory, "2"), "2  t  p1  ◀\n└─ 3  t  p2  +1 ms\n");
    assert.is(
      await whyOf(directory, "4", "--id-kind", "commandId"),
      "4  t  p3  ◀\n└─ 5  t  p4  +1 ms\n",
    );
  }));

test("why --json gives the tree", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, line(1), line(2, 1), line(3, 2));
    const found = JSON.parse(await whyOf(directory, "3", "--json")) as Record<string, unknown>;
    const seqs = JSON.stringify(found, (name, value: unknown) =>
      ["tsInit", "tsPublish", "topic", "payloadType", "headers"].includes(name) ? undefined : value,
    );
    assert.equal(JSON.parse(seqs), {
      entry: { seq: 3 },
      causes: [{ seq: 2 }],
      causesEnd: { kind: "root" },
      isNameable: true,
      consequences: [{ entry: { seq: 4 }, consequences: [] }],
      consequencesLeftOut: 0,
    });
  }));

test("why fits a terminal of 20 columns", () =>
  inTemporaryFolder(async (directory) => {
    const chain = Array.from({ length: 30 }, (_, n) =>
      line(n + 1, n, { topic: "a.long.topic\u001B[2J" }),
    );
    await recorded(directory, ...chain);
    const { stdout } = await run(["why", "--directory", directory, "3"], {
      columns: 20,
      env: { NO_COLOR: "1" },
    });
    assert.not.ok(hasControls(stdout));
    const lines = stdout.trimEnd().split("\n");
    assert.is(lines.length, 31);
    for (const each of lines) assert.ok(each.length <= 20, each);
    assert.match(lines.at(-1) ?? "", /^….*31/);
  }));

test("why exits with 2 for an entry that is not there", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, line(1));
    for (const seq of ["9", "0", "x", ""]) {
      const { exitCode, stderr } = await run(["why", "--directory", directory, seq]);
      assert.is(exitCode, 2);
      assert.match(stderr, /TIDEMARK_(?:NOT_FOUND|INVALID_CONFIG)\)\n$/);
    }
  }));

test("why gives an id that occurs twice to the first entry that has it", () =>
  inTemporaryFolder(async (directory) => {
    const between = Array.from({ length: 4 }, (_, n) => line(20 + n));
    await recorded(
      directory,
      line(1),
      line(2),
      line(3),
      line(7),
      ...between,
      line(7),
      line(8),
      line(9, 7),
    );
    assert.is(
      await whyOf(directory, "10"),
      "10  t  p7  ◀\nnothing can name it as a cause: it has no id of its own\n",
    );
    assert.match(await whyOf(directory, "12"), /^5 .*\n└─ 12 .*◀\n$/);
    assert.match(await whyOf(directory, "5"), /^5 .*◀\n└─ 12 /);
  }));

test.run();
