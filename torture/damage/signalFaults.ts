/** Our processes end by SIGKILL where we end them; what else they die of is a crash. */
export function signalFaults(signals: readonly string[]): readonly string[] {
  const deadly = signals.filter((signal) => signal !== "SIGKILL");
  return deadly.map((signal) => `the writer died of ${signal}`);
}
