const UNFINISHED = " <unfinished ...>";

/**
 * How many syncs are in a trace that strace has written with `-f -y`: calls that sync, and writes to
 * files whose every write is one. What failed, or never returned, is none.
 */
export function syncsIn(trace: string): number {
  const calls = wholeCalls(trace);
  const synced = new Set<string>();
  for (const call of calls) {
    const [, file] = /^open(?:at)?\(.*\bO_D?SYNC\b.* = (\d+<[^>]*>)/.exec(call) ?? [];
    if (file !== undefined) synced.add(file);
  }
  return calls.filter((call) => {
    if (!/ = \d/.test(call)) return false;
    if (/^(?:fsync|fdatasync)\(|^msync\(.*\bMS_SYNC\b|\bRWF_D?SYNC\b/.test(call)) return true;
    const [, file] = /^p?write(?:64|v2?)?\((\d+<[^>]*>)/.exec(call) ?? [];
    return file !== undefined && synced.has(file);
  }).length;
}

/** Calls without their threads; those that another thread came between are put together again. */
function wholeCalls(trace: string): readonly string[] {
  const begun = new Map<string, string>();
  const calls: string[] = [];
  for (const line of trace.split("\n")) {
    const [, thread, text] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (thread === undefined || text === undefined) continue;
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
    if (rest !== undefined) calls.push(`${begun.get(thread) ?? ""}${rest}`);
    else if (text.endsWith(UNFINISHED)) begun.set(thread, text.slice(0, -UNFINISHED.length));
    else calls.push(text);
  }
  return calls;
}
