import type { Entry } from "../model/entry.ts";
import type { EntryQuery } from "../model/Run.ts";
import { globOf } from "./globOf.ts";

/** Whether an entry is asked for. */
export type EntryFilter = (entry: Entry) => boolean;

/** What a query asks of a single entry, everything but its place in the log. */
export function entryFilterOf(query: EntryQuery): EntryFilter {
  const tests: EntryFilter[] = [];
  const { topics, payloadTypes, correlationId, indexKey } = query;
  if (topics !== undefined) {
    const globs = topics.map(globOf);
    tests.push(({ topic }) => globs.some((glob) => glob.test(topic)));
  }
  if (payloadTypes !== undefined) {
    const types = new Set(payloadTypes);
    tests.push(({ payloadType }) => types.has(payloadType));
  }
  if (correlationId !== undefined) {
    const id = correlationId.toLowerCase();
    tests.push(({ headers }) => headers.correlationId === id);
  }
  if (indexKey !== undefined) {
    const { kind, key } = indexKey;
    tests.push(({ indexKeys }) => indexKeys.some((one) => one.kind === kind && one.key === key));
  }
  return (entry) => tests.every((test) => test(entry));
}
