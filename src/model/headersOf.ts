import type { EntryHeaders } from "./entry.ts";

const NO_HEADERS: EntryHeaders = Object.freeze({});

/** The headers of an entry; those that it does not have are no fields. Spreading them would take far longer. */
export function headersOf(
  correlationId: string | undefined,
  causationId: string | undefined,
): EntryHeaders {
  if (correlationId === undefined) {
    return causationId === undefined ? NO_HEADERS : { causationId };
  }
  return causationId === undefined ? { correlationId } : { correlationId, causationId };
}
