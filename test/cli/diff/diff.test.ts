import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextOf } from "../../../src/cli/CommandContext.ts";
import { diffText } from "../../../src/cli/diff/diffText.ts";
import { firstDifference } from "../../../src/cli/diff/firstDifference.ts";
import { draftOfJson } from "../../../src/cli/entryJson.ts";
import type { Entry } from "../../../src/index.ts";
import { inTemporaryFolder } from "../../backends/lmdb/temporaryFolder.ts";
import { FILL, hasControls, ORDER, recorded } from "../support/runs.ts";
import { run } from "../support/testContext.ts";

const test = suite("diff");

type Lines = readonly object[];

/** Entries as a log with its own life around them gives them. */
async function* logOf(lines: Lines): AsyncGenerator<Entry> {
  const life = { payloadType: "x", payload: String(Math.random()) };
  const started = { ...life, topic: "run.lifecycle.RunStarted" };
  const ended = { ...life, topic: "run.lifecycle.RunEnded" };
  for (const [position, line] of [started, ...lines, ended].entries()) {
    const { payload, ...draft } = draftOfJson(line);
    yield {
      seq: position + 1,
      tsInit: 0n,
      tsPublish: 0n,
      headers: {},
      indexKeys: [],
      hash: new Uint8Array(32),
      ...draft,
      payload: Buffer.from(payload),
    };
  }
}

/** What is told of two logs. */
async function told(a: Lines, b: Lines, columns?: number): Promise<string> {
  const comparison = await firstDifference(logOf(a), logOf(b), () => {});
  const stdout = new PassThrough();
  if (columns !== undefined) Object.assign(stdout, { isTTY: true, columns });
  const host = { stdin: Readable.from([]), stdout, stderr: new PassThrough() };
  return diffText(
    comparison,
    contextOf({ ...host, env: { NO_COLOR: "1" }, on: () => {}, off: () => {} }),
  );
}

test("runs are equal whatever their times, keys and lives", async () => {
  const other = { ...ORDER, tsInit: "5", headers: {}, indexKeys: [] };
  assert.is(await told([ORDER, FILL], [other, FILL]), "equal: 2 entries\n");
});

test("both sides of the first difference are shown", async () => {
  const other = { ...ORDER, payload: '{"price":5155.75}' };
  assert.is(
    await told([FILL, ORDER, ORDER], [FILL, other]),
    [
      "entry 2 of the callers differs in payload",
      "- 3  exec.command  SubmitOrder",
      "-   {",
      '-     "price": 5155.50',
      "-   }",
      "+ 3  exec.command  SubmitOrder",
      "+   {",
      '+     "price": 5155.75',
      "+   }",
      "",
    ].join("\n"),
  );
});

test("topic and type are told, and which run ends earlier", async () => {
  const renamed = { ...ORDER, topic: "x\u001B[2J", payloadType: "y" };
  const first = await told([ORDER], [renamed]);
  assert.match(first, /^entry 1 of the callers differs in topic, payloadType\n/);
  assert.not.ok(hasControls(first));
  const longer = await told([ORDER, FILL], [ORDER]);
  assert.match(longer, /^the second run ends before entry 2 .*\n- 3 [^+]*\+ \(no entry\)\n$/);
  const shorter = await told([], [FILL]);
  assert.match(shorter, /^the first run ends before entry 1 .*\n- \(no entry\)\n/);
});

test("a long payload is shown from a little before where it differs", async () => {
  const text = "x".repeat(5_000);
  const long = await told([{ ...ORDER, payload: `${text}a` }], [{ ...ORDER, payload: `${text}b` }]);
  assert.match(long, /\n- {3}…x{20}a\n/);
  const lines = Array.from({ length: 50 }, (_, n) => `line ${n}`);
  const deep = await told(
    [{ ...ORDER, payload: lines.join("\n") }],
    [{ ...ORDER, payload: lines.with(30, "other").join("\n") }],
  );
  assert.match(deep, /\n- {3}…\n- {3}line 27\n[^+]*line 30\n[^+]*line 38\n- {3}…\n\+/);
  assert.match(deep, /\n\+ {3}other\n/);
});

test("diff exits with 0 for equal runs and with 1 for others, named by paths or by ids", () =>
  inTemporaryFolder(async (directory) => {
    const a = await recorded(directory, ORDER);
    const b = await recorded(directory, ORDER, FILL);
    const at = (id: string): string => join(directory, "default", id);
    const equal = await run(["diff", at(a), at(a), "--json"]);
    assert.is(equal.exitCode, 0);
    assert.equal(JSON.parse(equal.stdout), { isEqual: true, same: 1 });
    const other = await run(["diff", "--directory", directory, a, b, "--json"]);
    assert.is(other.exitCode, 1);
    const { b: next, ...rest } = JSON.parse(other.stdout) as { b: { seq: number } };
    assert.equal(rest, { isEqual: false, same: 1, position: 2, parts: [], a: null });
    assert.is(next.seq, 3);
    for (const ids of [[], [a], [a, b, a], [a, "none"]]) {
      const { exitCode, stderr } = await run(["diff", "--directory", directory, ...ids]);
      assert.is(exitCode, 2);
      assert.match(stderr, /TIDEMARK_(?:NOT_FOUND|INVALID_CONFIG)\)\n$/);
    }
    assert.is((await run(["diff", "x"])).exitCode, 2);
  }));

/** The two sides of what is told of two payloads, without their signs. */
async function sidesOf(a: string, b: string, columns?: number): Promise<[string, string]> {
  const [first, second] = [
    { ...ORDER, payload: a },
    { ...ORDER, payload: b },
  ];
  const text = await told([first], [second], columns);
  const lines = text.trimEnd().split("\n");
  if (columns !== undefined) for (const line of lines) assert.ok(line.length <= columns, line);
  const side = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(`${sign}   `))
      .map((line) => line.slice(4))
      .join("\n");
  return [side("-"), side("+")];
}

test("a difference past the columns is within them", async () => {
  for (const columns of [20, 80]) {
    for (const before of ["x".repeat(200), "注".repeat(200), "x".repeat(columns - 6)]) {
      const [a, b] = await sidesOf(`${before}abc`, `${before}Abc`, columns);
      assert.match(a, /a/);
      assert.match(b, /A/);
    }
    const [short, long] = await sidesOf("x".repeat(200), "x".repeat(201), columns);
    assert.not.equal(short, long);
  }
});

test("JSON that differs in white space alone is shown as it was written", async () => {
  for (const columns of [20, 80]) {
    const spaced = await sidesOf('{"a":1}', '{"a": 1}', columns);
    assert.equal(spaced, ['{"a":1}', '{"a": 1}']);
    const tabbed = await sidesOf('{"a":\t1}', '{"a": 1}', columns);
    assert.equal(tabbed, [String.raw`{"a":\t1}`, '{"a": 1}']);
  }
});

test("what differs in no line that is looked at is shown in hex", async () => {
  const lines = "\n".repeat(100_001);
  for (const [a, b] of [
    [`${lines}a`, `${lines}b`],
    ["tab\t", String.raw`tab\t`],
  ] as const) {
    for (const columns of [20, 80]) {
      const [first, second] = await sidesOf(a, b, columns);
      assert.not.equal(first, second);
    }
    assert.match((await sidesOf(a, b, 80))[0], /^0{3}[\da-f]{5} {2}(?:[\da-f]{2} )+/m);
  }
});

test.run();
