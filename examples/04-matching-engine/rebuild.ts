import { isDeepStrictEqual } from "node:util";
import { OrderBook } from "nodejs-order-book";
import { readRun, type RunAddress } from "tidemark";
import { applyCommand, type EngineEvent } from "./engine.ts";
import type { Command } from "./orderFlow.ts";

/** What a run's log alone leads to. */
export interface Rebuilt {
  readonly book: OrderBook;
  /** The events in the log are those that its commands lead to, no more and no less. */
  readonly eventsAgree: boolean;
}

/** Replays the commands of a run into a fresh book, and holds the logged events against it. */
export async function rebuild(address: RunAddress): Promise<Rebuilt> {
  const book = new OrderBook();
  const expected: EngineEvent[] = [];
  let eventsAgree = true;
  await using reader = await readRun(address);
  for await (const entry of reader.entries({ topics: ["exec.*"] })) {
    const content: unknown = JSON.parse(Buffer.from(entry.payload).toString());
    if (entry.topic === "exec.command") expected.push(...applyCommand(book, content as Command));
    else eventsAgree &&= isDeepStrictEqual(content, expected.shift());
  }
  return { book, eventsAgree: eventsAgree && expected.length === 0 };
}
