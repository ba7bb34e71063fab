import type { EntryDraft } from "../../src/model/entry.ts";
import { RUN_ENDED_ID } from "./History.ts";

const PAYLOAD = /^(\d+):(\d+):\.*$/;

/** A draft that can be told from every other by what is stored of it. */
export function draftOf(id: number, bytes: number): EntryDraft {
  const text = `${id}:${bytes}:${".".repeat(bytes)}`;
  return {
    topic: `topic.${id % 3}`,
    payloadType: "Simulated",
    payload: id % 2 === 0 ? text : Buffer.from(text),
    ...(id % 7 === 0 ? { indexKeys: [{ kind: "id", key: String(id % 21) }] } : {}),
  };
}

/** What no writer takes: a draft without a topic. */
export function invalidDraft(id: number): EntryDraft {
  return { ...draftOf(id, 0), topic: "" };
}

/** Does to a draft what a caller may do once the call is over: reuses its memory. */
export function overwrite({ payload }: EntryDraft): void {
  if (typeof payload !== "string") payload.fill(0);
}

/** Whose payload it is: the id of the draft, NaN where it is not what was handed in. */
export function idOf(payload: Uint8Array): number {
  if (payload.length === 0) return RUN_ENDED_ID;
  const text = Buffer.from(payload).toString();
  const [, id, bytes] = PAYLOAD.exec(text) ?? [];
  return text.length === `${id}:${bytes}:`.length + Number(bytes) ? Number(id) : Number.NaN;
}
