const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
/** `2026-01-31T12:34:56` of an ISO string. */
const TO_THE_SECOND = 19;

/** Nanoseconds since the Unix epoch as an ISO time with all nine digits. */
export function timeText(ns: bigint): string {
  const iso = new Date(Number(ns / NS_PER_MS)).toISOString();
  return `${iso.slice(0, TO_THE_SECOND)}.${(ns % NS_PER_SECOND).toString().padStart(9, "0")}Z`;
}
