/** One call that strace has seen from its beginning to its end. */
export interface Call {
  /** When it began, milliseconds since the Unix epoch. */
  readonly at: number;
  readonly syscall: string;
  /** What was asked for, as strace puts it: the same for a call that is made again. */
  readonly asked: string;
  /** What it returned; -1 where it failed. */
  readonly result: number;
  /** The name of the error that it failed with. */
  readonly error: string | undefined;
  /** strace made it fail. */
  readonly isInjected: boolean;
}

const LINE = /^(\d+)\s+(\d+\.\d+)\s+(.*)$/;
const UNFINISHED = " <unfinished ...>";
const RESUMED = /^<\.\.\. \w+ resumed>/;
const WHOLE = /^(\w+)\((.*)\)\s+= (-?\d+|0x[0-9a-f]+)(?: (E\w+))?/;

/** The calls of a trace (strace -f -ttt), in the order in which they began. */
export function callsIn(trace: string): Call[] {
  const calls: Call[] = [];
  // Where another thread does something meanwhile, strace tells of a call in two lines.
  const begun = new Map<string, Line>();
  for (const line of trace.split("\n").map(lineOf)) {
    const { thread, at, text } = RESUMED.test(line.text)
      ? joined(begun.get(line.thread), line)
      : line;
    if (text.endsWith(UNFINISHED)) begun.set(thread, line);
    const call = callOf(at, text);
    if (call !== undefined) calls.push(call);
  }
  return calls.toSorted((a, b) => a.at - b.at);
}

interface Line {
  readonly thread: string;
  readonly at: number;
  readonly text: string;
}

function lineOf(line: string): Line {
  const [, thread = "", seconds, text = ""] = LINE.exec(line) ?? [];
  return { thread, at: Number(seconds) * 1_000, text };
}

function joined(start: Line | undefined, end: Line): Line {
  if (start === undefined) return end;
  const text = start.text.slice(0, -UNFINISHED.length) + end.text.replace(RESUMED, "");
  return { ...start, text };
}

function callOf(at: number, text: string): Call | undefined {
  const [, syscall, asked, result, error] = WHOLE.exec(text) ?? [];
  if (syscall === undefined || asked === undefined) return undefined;
  const isInjected = text.includes("(INJECTED)");
  return { at, syscall, asked, result: Number(result), error, isInjected };
}

/** The calls that strace made fail. */
export function injectionsIn(trace: string): Call[] {
  return callsIn(trace).filter(({ isInjected }) => isInjected);
}
