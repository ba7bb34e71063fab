/** Milliseconds of the monotonic clock, which is one for all processes of a machine. */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
