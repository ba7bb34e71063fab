const NS_PER_US = 1_000;
const NS_PER_MS = 1_000_000;
const NS_PER_SECOND = 1_000_000_000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;

/** A duration in nanoseconds as people say it: `850 ns`, `1.2 ms`, `2 min 3 s`, `3 d 4 h`. */
export function durationText(ns: bigint): string {
  if (ns < 0n) return `-${durationText(-ns)}`;
  const value = Number(ns);
  if (value < NS_PER_US) return `${value} ns`;
  if (value < NS_PER_MS) return `${fraction(value / NS_PER_US)} us`;
  if (value < NS_PER_SECOND) return `${fraction(value / NS_PER_MS)} ms`;
  if (value < NS_PER_SECOND * SECONDS_PER_MINUTE) return `${fraction(value / NS_PER_SECOND)} s`;
  const seconds = Math.floor(value / NS_PER_SECOND);
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  if (minutes < MINUTES_PER_HOUR) return `${minutes} min ${seconds % SECONDS_PER_MINUTE} s`;
  const hours = Math.floor(minutes / MINUTES_PER_HOUR);
  if (hours < HOURS_PER_DAY) return `${hours} h ${minutes % MINUTES_PER_HOUR} min`;
  return `${Math.floor(hours / HOURS_PER_DAY)} d ${hours % HOURS_PER_DAY} h`;
}

/** Three digits at most, never rounded up to the next unit. */
function fraction(value: number): string {
  if (value >= 100) return String(Math.floor(value));
  const decimals = value >= 10 ? 10 : 100;
  return String(Math.floor(value * decimals) / decimals);
}
