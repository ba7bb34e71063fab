import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { CapturedDraft } from "../../model/entry.ts";
import type { Frame } from "../../backends/Backend.ts";
import { refuses, settle } from "./answers.ts";
import {
  append,
  appendDrafts,
  checkedEntries,
  checkHolds,
  frameOf,
  framesOf,
  startsOf,
} from "./frames.ts";
import type { Laws } from "./Laws.ts";

const MIB = 1024 * 1024;
const ODD_DRAFTS: readonly Partial<CapturedDraft>[] = [
  { payload: new Uint8Array(0), tsInit: 0n },
  { topic: "ордера.🚀", payloadType: "Größe", payload: Buffer.from([0, 255, 0, 128]) },
  {
    tsInit: 2n ** 64n - 1n,
    headers: {
      correlationId: "6f9619ff-8b86-4011-b42d-00c04fc964ff",
      causationId: "00000000-0000-4000-8000-000000000001",
    },
    indexKeys: [
      { kind: "clientOrderId", key: "O-1" },
      { kind: "venueOrderId", key: "Ω/1" },
    ],
  },
];

/** What holds of `append`. */
export const appendLaws: Laws = {
  "starts empty": async (scope) => {
    const backend = await scope.open();
    strictEqual(backend.watermark, 0);
    ok(Number.isSafeInteger(backend.epoch) && backend.epoch >= 1, "an epoch from 1");
    await checkHolds(backend, 0);
  },

  "makes a frame durable and moves the watermark": async (scope) => {
    const backend = await scope.open();
    strictEqual((await append(backend, 3)).toSeq, 3);
    strictEqual(backend.watermark, 3);
    strictEqual((await append(backend, 2)).toSeq, 5);
    await checkHolds(backend, 5);
    const { status, highWatermark } = backend.manifest;
    deepStrictEqual({ status, highWatermark }, { status: "running", highWatermark: 0 });
  },

  "makes all frames of an append durable": async (scope) => {
    const backend = await scope.open();
    strictEqual((await append(backend, 2, 1, 3)).toSeq, 6);
    deepStrictEqual(await startsOf(backend, 1), [1, 3, 4]);
    await checkHolds(backend, 6);
  },

  "reads nothing of a frame that it has returned": async (scope) => {
    const backend = await scope.open();
    if (backend.returnsFrames !== true) return;
    for (const count of [3, 2]) {
      const frames = framesOf(backend, count, count);
      await settle(backend.append(frames));
      for (const { bytes } of frames) bytes.fill(0xff);
    }
    await checkHolds(backend, 10);
  },

  "links every frame to the one before, from append to append": async (scope) => {
    const backend = await scope.open();
    for (const counts of [[1], [2, 2], [1, 1, 1], [5]]) await append(backend, ...counts);
    await checkHolds(backend, 13);
  },

  "refuses a frame that does not start behind the watermark": async (scope) => {
    const backend = await scope.open();
    const ahead = frameOf(backend, 2, 1);
    await refuses(backend.append([ahead]), "TIDEMARK_OUT_OF_ORDER", { seq: 2, highWatermark: 0 });
    await checkHolds(backend, 0);
    await append(backend, 3);
    const again = frameOf(backend, 3, 2);
    await refuses(backend.append([again]), "TIDEMARK_OUT_OF_ORDER", { seq: 3, highWatermark: 3 });
    await append(backend, 1);
    await checkHolds(backend, 4);
  },

  "lands none of the frames where one leaves a gap": async (scope) => {
    const backend = await scope.open();
    const first = frameOf(backend, 1, 1, () => ({ indexKeys: [{ kind: "id", key: "O-1" }] }));
    const gap = [first, frameOf(backend, 3, 1)];
    await refuses(backend.append(gap), "TIDEMARK_OUT_OF_ORDER", { seq: 3, highWatermark: 0 });
    await checkHolds(backend, 0);
    strictEqual(await settle(backend.lookup("id", "O-1")), undefined);
    await append(backend, 2, 1);
    await checkHolds(backend, 3);
  },

  "lands none of the frames where two overlap": async (scope) => {
    const backend = await scope.open();
    await append(backend, 1);
    const overlap = [frameOf(backend, 2, 2), frameOf(backend, 3, 1)];
    await refuses(backend.append(overlap), "TIDEMARK_OUT_OF_ORDER", { seq: 3, highWatermark: 1 });
    await append(backend, 3);
    await checkHolds(backend, 4);
  },

  "acknowledges an append of nothing at the watermark": async (scope) => {
    const backend = await scope.open();
    strictEqual((await settle(backend.append([]))).toSeq, 0);
    await append(backend, 2);
    strictEqual((await settle(backend.append([]))).toSeq, 2);
    await checkHolds(backend, 2);
  },

  "appends once however often the answer is looked at": async (scope) => {
    const backend = await scope.open();
    const answer = backend.append(framesOf(backend, 2));
    strictEqual((await settle(answer)).toSeq, 2);
    strictEqual((await settle(answer)).toSeq, 2);
    await checkHolds(backend, 2);
  },

  "refuses a second append before the first is acknowledged, or is done with both": async (
    scope,
  ) => {
    const backend = await scope.open();
    const first = settle(backend.append([frameOf(backend, 1, 1)]));
    const second = settle(backend.append([frameOf(backend, 2, 1)]));
    const [one, two] = await Promise.allSettled([first, second]);
    strictEqual(one.status, "fulfilled");
    if (two.status === "rejected") await refuses(second, "TIDEMARK_LOCKED");
    await checkHolds(backend, two.status === "rejected" ? 1 : 2);
  },

  "refuses a third append before the first of two is acknowledged, or is done with all": async (
    scope,
  ) => {
    const backend = await scope.open();
    if (backend.appendsAhead !== true) return;
    const answers = [1, 2, 3].map((seq) => settle(backend.append([frameOf(backend, seq, 1)])));
    const [third] = (await Promise.allSettled(answers)).slice(2);
    if (third?.status === "rejected") await refuses(answers[2] ?? [], "TIDEMARK_LOCKED");
    await checkHolds(backend, third?.status === "rejected" ? 2 : 3);
  },

  "does an append that comes ahead after the one before, and fails it where that one fails": async (
    scope,
  ) => {
    const backend = await scope.open();
    if (backend.appendsAhead !== true) return;
    const told: number[] = [];
    const tell = async (frame: Frame): Promise<void> => {
      const { toSeq } = await settle(backend.append([frame]));
      told.push(toSeq);
    };
    await Promise.all([tell(frameOf(backend, 1, 2)), tell(frameOf(backend, 3, 1))]);
    deepStrictEqual(told, [2, 3]);
    const lost = [5, 6].map((fromSeq) => settle(backend.append([frameOf(backend, fromSeq, 1)])));
    for (const { status } of await Promise.allSettled(lost)) strictEqual(status, "rejected");
    await append(backend, 2);
    await checkHolds(backend, 5);
  },

  "gives every part of an entry back as it was": async (scope) => {
    const backend = await scope.open();
    await appendDrafts(backend, ODD_DRAFTS.length, (seq) => ODD_DRAFTS[seq - 1] ?? {});
    const entries = await checkedEntries(await scope.read(backend));
    for (const [position, { payload, ...draft }] of ODD_DRAFTS.entries()) {
      const entry = entries[position];
      const found = Object.entries(entry ?? {}).filter(([name]) => name in draft);
      deepStrictEqual(Object.fromEntries(found), draft);
      if (payload !== undefined) {
        deepStrictEqual(Buffer.from(entry?.payload ?? []), Buffer.from(payload));
      }
    }
  },

  "takes a frame of 1 MiB": async (scope) => {
    const backend = await scope.open();
    const payload = new Uint8Array(MIB).map((_, position) => position % 251);
    await append(backend, 1);
    await appendDrafts(backend, 1, () => ({ payload }));
    const [, entry] = await checkedEntries(backend);
    ok(Buffer.from(payload).equals(entry?.payload ?? Buffer.alloc(0)), "the same bytes");
  },

  "takes 300 frames": async (scope) => {
    const backend = await scope.open();
    for (let round = 0; round < 60; round += 1) await append(backend, 1, 3, 2, 1, 4);
    await checkHolds(await scope.read(backend), 660);
  },
};
