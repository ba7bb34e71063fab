import { PassThrough, Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextOf, type CommandContext } from "../../src/cli/CommandContext.ts";
import { tableOf } from "../../src/cli/table.ts";

const test = suite("tableOf");
const COLUMNS = [{ name: "run" }, { name: "size", align: "right" }] as const;
const ROWS = [
  ["1-ab", "7"],
  ["2-cd\u001B", "100"],
];

function contextWith(terminal: object, env: Readonly<Record<string, string>> = {}): CommandContext {
  const stdout = Object.assign(new PassThrough(), terminal);
  return contextOf({
    stdin: Readable.from([]),
    stdout,
    stderr: new PassThrough(),
    env,
    on: () => {},
    off: () => {},
  });
}

test("aligns columns, without colours and limits where there is no terminal", async () => {
  const text = await tableOf(COLUMNS, ROWS, contextWith({}));
  assert.is(text, "run         size\n1-ab           7\n2-cd\\u{1b}   100\n");
});

test("colours on a terminal, unless NO_COLOR is set or it is a dumb one", async () => {
  const terminal = { isTTY: true, columns: 80 };
  assert.ok((await tableOf(COLUMNS, ROWS, contextWith(terminal))).includes("\u001B[1m"));
  for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
    const plain = await tableOf(COLUMNS, ROWS, contextWith(terminal, env));
    assert.not.ok(plain.includes("\u001B"));
  }
});

test("writes one line per field where the table is wider than the terminal", async () => {
  const text = await tableOf(COLUMNS, ROWS, contextWith({ isTTY: true, columns: 12 }));
  assert.is(text, "run   1-ab\nsize  7\n\nrun   2-cd\\u\n      {1b}\nsize  100\n");
  for (const columns of [1, 2, 5, 15]) {
    const narrow = await tableOf(COLUMNS, ROWS, contextWith({ isTTY: true, columns }));
    assert.ok(narrow.split("\n").every((line) => line.length <= columns));
  }
});

test.run();
