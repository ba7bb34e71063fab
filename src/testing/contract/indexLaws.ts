import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { RunLog } from "../../backends/Backend.ts";
import type { IndexKey, Seq } from "../../model/entry.ts";
import { settle } from "./answers.ts";
import { append, appendDrafts, frameOf } from "./frames.ts";
import type { Laws } from "./Laws.ts";

const MAX_INDEX_KEY_BYTES = 480;

/** Every key of a kind, page by page. */
export async function allKeys(log: RunLog, kind: string): Promise<[key: string, seq: Seq][]> {
  const keys: [string, Seq][] = [];
  for (let after: string | undefined; ; after = keys.at(-1)?.[0]) {
    const page = await settle(log.indexKeys(kind, after));
    if (page.length === 0) return keys;
    for (const { key, seq } of page) keys.push([key, seq]);
  }
}

/** Every kind, page by page. */
async function allKinds(log: RunLog): Promise<string[]> {
  const kinds: string[] = [];
  for (;;) {
    const page = await settle(log.indexKinds(kinds.at(-1)));
    if (page.length === 0) return kinds;
    kinds.push(...page);
  }
}

/** Index keys of one kind. */
function keysOf(kind: string, ...keys: readonly string[]): { indexKeys: IndexKey[] } {
  return { indexKeys: keys.map((key) => ({ kind, key })) };
}

/** A key whose order is that of its number. */
function keyOf(number: number): string {
  return `O-${String(number).padStart(5, "0")}`;
}

/** What holds of `lookup` and `indexKeys`. */
export const indexLaws: Laws = {
  "finds the first seq that mentioned a key": async (scope) => {
    const backend = await scope.open();
    await appendDrafts(backend, 3, (seq) => keysOf("id", seq === 1 ? "O-1" : "O-2", "O-2"));
    strictEqual((await allKeys(backend, "id")).length, 2);
    await appendDrafts(backend, 2, (seq) => keysOf("id", "O-1", `O-${seq}`));
    const found: (Seq | undefined)[] = [];
    for (const key of ["O-1", "O-2", "O-4", "O-5", "O-3"]) {
      found.push(await settle(backend.lookup("id", key)));
    }
    deepStrictEqual(found, [1, 1, 4, 5, undefined]);
    const expected = [
      ["O-1", 1],
      ["O-2", 1],
      ["O-4", 4],
      ["O-5", 5],
    ];
    deepStrictEqual(await allKeys(backend, "id"), expected);
  },

  "finds the first seq where one append mentions a key in several frames": async (scope) => {
    const backend = await scope.open();
    const frames = [1, 3].map((fromSeq) => frameOf(backend, fromSeq, 2, () => keysOf("id", "O-1")));
    await settle(backend.append(frames));
    strictEqual(await settle(backend.lookup("id", "O-1")), 1);
  },

  "takes a key that an entry mentions twice": async (scope) => {
    const backend = await scope.open();
    await appendDrafts(backend, 1, () => keysOf("id", "O-1", "O-1"));
    deepStrictEqual(await allKeys(backend, "id"), [["O-1", 1]]);
  },

  "keeps kinds apart": async (scope) => {
    const backend = await scope.open();
    await appendDrafts(backend, 3, (seq) =>
      seq === 1 ? keysOf("client", "X") : seq === 2 ? keysOf("venue", "X", "Y") : {},
    );
    strictEqual(await settle(backend.lookup("client", "X")), 1);
    strictEqual(await settle(backend.lookup("venue", "X")), 2);
    strictEqual(await settle(backend.lookup("client", "Y")), undefined);
    deepStrictEqual(await allKeys(backend, "client"), [["X", 1]]);
  },

  "keeps kinds apart where one is the beginning of another": async (scope) => {
    const backend = await scope.open();
    const kinds = ["a", "ab", "abc", "b"];
    await appendDrafts(backend, kinds.length, (seq) =>
      keysOf(kinds[seq - 1] ?? "", "c", "bc", `only-${seq}`),
    );
    for (const [position, kind] of kinds.entries()) {
      const seq = position + 1;
      const expected = [
        ["bc", seq],
        ["c", seq],
        [`only-${seq}`, seq],
      ];
      deepStrictEqual(await allKeys(backend, kind), expected, kind);
    }
  },

  "lists the kinds in the order of their UTF-8 bytes, page by page": async (scope) => {
    const backend = await scope.open();
    deepStrictEqual(await allKinds(backend), []);
    const kinds = ["a", "a\u0001", "ab", "b", "é", "\uffee", "😀"];
    const many = Array.from({ length: 240 }, (_, at) => `b${keyOf(at)}`);
    for (const some of [kinds.toReversed(), many]) {
      await appendDrafts(backend, 1, () => ({
        indexKeys: some.map((kind) => ({ kind, key: "x" })),
      }));
    }
    const sorted = [...kinds.slice(0, 4), ...many, ...kinds.slice(4)];
    deepStrictEqual(await allKinds(backend), sorted);
    for (const [after, next] of [
      ["a", "a\u0001"],
      ["aa", "ab"],
      ["", "a"],
    ] as const) {
      strictEqual((await settle(backend.indexKinds(after)))[0], next, `after ${after}`);
    }
    deepStrictEqual(await settle(backend.indexKinds("🙀")), []);
  },

  "knows nothing of what was not mentioned": async (scope) => {
    const backend = await scope.open();
    strictEqual(await settle(backend.lookup("id", "O-1")), undefined);
    deepStrictEqual(await allKeys(backend, "id"), []);
    await appendDrafts(backend, 1, () => keysOf("id", "O-1"));
    for (const [kind, key] of [
      ["id", "O-"],
      ["id", "O-11"],
      ["id", "o-1"],
      ["i", "O-1"],
      ["i", "dO-1"],
      ["", ""],
    ] as const) {
      strictEqual(await settle(backend.lookup(kind, key)), undefined, `${kind} ${key}`);
    }
    deepStrictEqual(await allKeys(backend, "i"), []);
  },

  "makes no keys of headers": async (scope) => {
    const backend = await scope.open();
    const correlationId = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    await appendDrafts(backend, 1, () => ({ headers: { correlationId } }));
    strictEqual(await settle(backend.lookup("correlationId", correlationId)), undefined);
    deepStrictEqual(await allKeys(backend, "correlationId"), []);
  },

  "lists keys in the order of their UTF-8 bytes": async (scope) => {
    const backend = await scope.open();
    const sorted = ["A", "a", "a\u0001", "aa", "b", "\u007f", "é", "\uffee", "😀", "😀a", "🙀"];
    const shuffled = [7, 2, 10, 0, 9, 4, 1, 6, 3, 8, 5].map((at) => sorted[at] ?? "");
    await appendDrafts(backend, shuffled.length, (seq) => keysOf("ключ", shuffled[seq - 1] ?? ""));
    deepStrictEqual(
      await allKeys(backend, "ключ"),
      sorted.map((key) => [key, shuffled.indexOf(key) + 1]),
    );
    for (const key of sorted) {
      strictEqual(await settle(backend.lookup("ключ", key)), shuffled.indexOf(key) + 1);
    }
  },

  "goes on after a key, whether it exists or not": async (scope) => {
    const backend = await scope.open();
    await appendDrafts(backend, 1, () => keysOf("id", "a", "b", "d"));
    for (const [after, keys] of [
      ["", ["a", "b", "d"]],
      ["a", ["b", "d"]],
      ["c", ["d"]],
      ["d", []],
      ["z", []],
    ] as const) {
      const page = await settle(backend.indexKeys("id", after));
      deepStrictEqual(
        page.map(({ key }) => key),
        keys,
        `after ${after}`,
      );
    }
  },

  "joins the pages of 2 500 keys without gap or duplicate": async (scope) => {
    const backend = await scope.open();
    for (let round = 0; round < 5; round += 1) {
      await appendDrafts(backend, 2, (seq) =>
        keysOf("id", ...Array.from({ length: 250 }, (_, at) => keyOf(seq * 250 + at))),
      );
    }
    const expected = Array.from({ length: 2_500 }, (_, at) => [
      keyOf(250 + at),
      1 + Math.floor(at / 250),
    ]);
    deepStrictEqual(await allKeys(backend, "id"), expected);
  },

  "takes the longest key and the longest kind": async (scope) => {
    const backend = await scope.open();
    const long = "x".repeat(MAX_INDEX_KEY_BYTES - 1);
    await append(backend, 1);
    await appendDrafts(backend, 1, () => ({
      indexKeys: [
        { kind: "k", key: long },
        { kind: long, key: "k" },
      ],
    }));
    strictEqual(await settle(backend.lookup("k", long)), 2);
    strictEqual(await settle(backend.lookup(long, "k")), 2);
    deepStrictEqual(await allKeys(backend, "k"), [[long, 2]]);
  },
};
