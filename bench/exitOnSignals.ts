/** Has signals end this process as an exit does, so that what is removed and ended then is. */
export function exitOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
}
