import { InvalidConfigError } from "../model/errors.ts";
import { checkFlag, checkInteger, checkNames, checkRecord, checkText } from "../model/options.ts";
import type { EntryQuery } from "../model/Run.ts";

/** All of them: the compiler misses one that is not here. */
const FIELDS: Readonly<Record<keyof EntryQuery, true>> = {
  from: true,
  to: true,
  reverse: true,
  live: true,
  topics: true,
  payloadTypes: true,
  correlationId: true,
  indexKey: true,
  followChildren: true,
  onChild: true,
  onCaughtUp: true,
};

/**
 * @throws {@link InvalidConfigError} for a field that is unknown or out of bounds.
 */
export function checkQuery(query: EntryQuery): void {
  checkRecord("query", query);
  checkNames("query", query, Object.keys(FIELDS));
  const { from, to, reverse, live } = query;
  if (from !== undefined) checkInteger("from", from, 1, Number.MAX_SAFE_INTEGER);
  if (to !== undefined) checkInteger("to", to, 0, Number.MAX_SAFE_INTEGER);
  checkFlag("reverse", reverse);
  checkFlag("live", live);
  if (live === true && reverse === true) {
    throw new InvalidConfigError("live", "without `reverse`", live);
  }
  checkFollowing(query);
  checkTexts("topics", query.topics);
  checkTexts("payloadTypes", query.payloadTypes);
  if (query.correlationId !== undefined) checkTexts("correlationId", [query.correlationId]);
  if (query.indexKey !== undefined) {
    checkRecord("indexKey", query.indexKey);
    checkTexts("indexKey", [query.indexKey.kind, query.indexKey.key]);
  }
}

function checkFollowing({ live, to, followChildren, onChild, onCaughtUp }: EntryQuery): void {
  checkFlag("followChildren", followChildren);
  if (followChildren === true) {
    // Each run has seqs of its own.
    if (live !== true) throw new InvalidConfigError("followChildren", "given with `live`", true);
    if (to !== undefined) throw new InvalidConfigError("followChildren", "without `to`", true);
  }
  checkCallback("onCaughtUp", onCaughtUp);
  checkCallback("onChild", onChild);
  if (onChild !== undefined && followChildren !== true) {
    throw new InvalidConfigError("onChild", "given with `followChildren`", onChild);
  }
}

function checkCallback(option: string, callback: unknown): void {
  if (callback !== undefined && typeof callback !== "function") {
    throw new InvalidConfigError(option, "a function", callback);
  }
}

function checkTexts(option: string, texts: readonly unknown[] | undefined): void {
  if (texts === undefined) return;
  if (!Array.isArray(texts)) throw new InvalidConfigError(option, "an array of strings", texts);
  for (const text of texts as readonly unknown[]) checkText(option, text);
}
