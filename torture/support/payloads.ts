const FILLER = "0123456789abcdefghijklmnopqrstuvwxyz".repeat(256);

/**
 * The payload of an entry, from its seq and its run alone: whoever reads the log can tell whether
 * an entry is the one that was written. From 20 to some 600 bytes, now and then 9 kB.
 */
export function payloadOf(runId: string, seq: number): string {
  const mixed = Math.imul(seq, 0x9e37_79b1) >>> 0;
  const length = mixed % 97 === 0 ? 9_000 : mixed % 600;
  return `${runId} ${seq} ${FILLER.slice(0, length)}`;
}
