import type { EntryHeaders } from "../model/entry.ts";

const NO_HEADERS: EntryHeaders = Object.freeze({});

/** The headers of an entry, without fields for what it does not have (D-042). */
export function headersOf(
  correlationId: string | undefined,
  causationId: string | undefined,
): EntryHeaders {
  if (correlationId === undefined) {
    return causationId === undefined ? NO_HEADERS : { causationId };
  }
  return causationId === undefined ? { correlationId } : { correlationId, causationId };
}
