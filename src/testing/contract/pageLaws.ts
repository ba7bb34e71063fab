import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Backend } from "../../backends/Backend.ts";
import { frameHeaderOf } from "../../format/decodeFrame.ts";
import type { IndexKey } from "../../model/entry.ts";
import { settle } from "./answers.ts";
import { allFrames, append, appendDrafts, checkHolds, startsOf } from "./frames.ts";
import type { Laws } from "./Laws.ts";
import type { LawScope } from "./LawScope.ts";

const KIB = 1024;

/** Entries 1 to 9 in three frames. */
async function nineEntries(scope: LawScope): Promise<Backend> {
  const backend = await scope.open();
  await append(backend, 3, 3);
  await append(backend, 3);
  return backend;
}

/** What holds of `framesFrom`. */
export const pageLaws: Laws = {
  "starts a page with the frame that holds the seq": async (scope) => {
    const backend = await nineEntries(scope);
    for (const [seq, starts] of [
      [1, [1, 4, 7]],
      [3, [1, 4, 7]],
      [4, [4, 7]],
      [5, [4, 7]],
      [9, [7]],
    ] as const) {
      deepStrictEqual(await startsOf(backend, seq), starts, `from ${seq}`);
    }
  },

  "goes from the frame that holds the seq to older ones in reverse": async (scope) => {
    const backend = await nineEntries(scope);
    for (const [seq, starts] of [
      [9, [7, 4, 1]],
      [7, [7, 4, 1]],
      [6, [4, 1]],
      [5, [4, 1]],
      [1, [1]],
    ] as const) {
      deepStrictEqual(await startsOf(backend, seq, { reverse: true }), starts, `from ${seq}`);
    }
  },

  "gives an empty page at the end, and the nearest frame where none holds the seq": async (
    scope,
  ) => {
    const backend = await nineEntries(scope);
    deepStrictEqual(await startsOf(backend, 10), []);
    deepStrictEqual(await startsOf(backend, Number.MAX_SAFE_INTEGER), []);
    deepStrictEqual(await startsOf(backend, 0, { reverse: true }), []);
    deepStrictEqual(await startsOf(backend, 0), [1, 4, 7]);
    deepStrictEqual(await startsOf(backend, 10, { reverse: true }), [7, 4, 1]);
  },

  "has no page of an empty run": async (scope) => {
    const backend = await scope.open();
    deepStrictEqual(await startsOf(backend, 1), []);
    deepStrictEqual(await startsOf(backend, 1, { reverse: true }), []);
  },

  "ends a page with the frame that reaches maxBytes": async (scope) => {
    const backend = await nineEntries(scope);
    const [first = 0, second = 0] = (await allFrames(backend)).map((bytes) => bytes.byteLength);
    const both = first + second;
    for (const [maxBytes, starts] of [
      [1, [1]],
      [first, [1]],
      [first + 1, [1, 4]],
      [both, [1, 4]],
      [both + 1, [1, 4, 7]],
    ] as const) {
      deepStrictEqual(await startsOf(backend, 1, { maxBytes }), starts, `${maxBytes} bytes`);
    }
    deepStrictEqual(await startsOf(backend, 9, { reverse: true, maxBytes: 1 }), [7]);
  },

  "ends a page at 1 MiB unless told otherwise": async (scope) => {
    const backend = await scope.open();
    const payload = new Uint8Array(700 * KIB);
    for (let round = 0; round < 3; round += 1) await appendDrafts(backend, 1, () => ({ payload }));
    deepStrictEqual(await startsOf(backend, 1), [1, 2]);
    deepStrictEqual(await startsOf(backend, 3, { reverse: true }), [3, 2]);
  },

  "joins its pages without gap or duplicate": async (scope) => {
    const backend = await scope.open();
    for (let round = 0; round < 10; round += 1) await append(backend, 1, 7, 2, 5);
    const whole = await allFrames(backend);
    strictEqual(whole.length, 40);
    for (const maxBytes of [1, 300, 1_000, 4_000]) {
      deepStrictEqual(await allFrames(backend, { maxBytes }), whole, `${maxBytes} bytes`);
      const reverse = await allFrames(backend, { maxBytes, reverse: true });
      deepStrictEqual(reverse.toReversed(), whole, `${maxBytes} bytes in reverse`);
    }
    await checkHolds(backend, 150);
  },

  "gives the start of each frame, up to its head and 56 bytes more, where heads are enough": async (
    scope,
  ) => {
    const backend = await scope.open();
    const indexKeys: IndexKey[] = Array.from({ length: 200 }, (_, at) => ({
      kind: "id",
      key: `${at}`.repeat(40),
    }));
    await appendDrafts(backend, 3, () => ({ payload: new Uint8Array(20 * KIB) }));
    await appendDrafts(backend, 1, () => ({ indexKeys }));
    await append(backend, 1);
    const whole = await allFrames(backend);
    const starts = await settle(backend.framesFrom(1, { headsOnly: true }));
    strictEqual(starts.length, whole.length);
    for (const [at, start] of starts.entries()) {
      const frame = whole[at] as Uint8Array;
      strictEqual(Buffer.compare(start, frame.subarray(0, start.length)), 0, `frame ${at}`);
      const { headBytes } = frameHeaderOf(frame);
      strictEqual(start.length >= headBytes + 56, true, `frame ${at}`);
    }
  },

  "gives bytes that stay as they are while further pages are read": async (scope) => {
    const backend = await nineEntries(scope);
    const page = await settle(backend.framesFrom(1, { maxBytes: 1 }));
    const before = page.map((bytes) => Buffer.from(bytes));
    await settle(backend.framesFrom(4, { maxBytes: 1 }));
    strictEqual(Buffer.compare(Buffer.concat(page), Buffer.concat(before)), 0);
  },

  "gives bytes that the reader may change": async (scope) => {
    const backend = await nineEntries(scope);
    for (const bytes of await settle(backend.framesFrom(1))) bytes.fill(0xff);
    await checkHolds(backend, 9);
    await append(backend, 1);
    await checkHolds(backend, 10);
  },
};
