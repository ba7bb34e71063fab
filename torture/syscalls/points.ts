import { hash } from "node:crypto";
import { relative } from "node:path";

/** Which process of a life is made to fail: the one that the user's program is, or our writer. */
export type Role = "main" | "writer";

/** One call of a life: the Nth of its kind on a file that a thread makes. */
export interface Point {
  readonly role: Role;
  /** Relative to the directory of the runs. */
  readonly file: string;
  readonly syscall: string;
  readonly nth: number;
}

/** A point and how it is made to fail. */
export interface FailingPoint extends Point {
  readonly error: string;
}

/**
 * A write that does not write all: nothing of it, since that is all that strace can have come true.
 * Reads of a file are short at its end alone.
 */
export const SHORT = "short";

/** What the disk says as such; a failure of it is never called anything else by us. */
export const DISK_ERRORS: ReadonlySet<string> = new Set(["EIO", "ENOSPC", "EDQUOT", "EROFS"]);
const ERRORS = [...DISK_ERRORS, "EINTR"];
const CAN_BE_SHORT = /^p?write(?:64|v)?$/;
/** Both paths that a call names: the one it starts from is where strace counts it. */
const CALL = /^(\d+)\s+[\d.]+\s+(\w+)\(/;

/** Every call in a trace (strace -f -y -ttt) of a life that reached into a directory. */
export function pointsIn(trace: string, role: Role, directory: string): Point[] {
  const counts = new Map<string, number>();
  const points = new Map<string, Point>();
  for (const line of trace.split("\n")) {
    const [, thread, syscall] = CALL.exec(line) ?? [];
    const file = fileIn(line, directory);
    if (thread === undefined || syscall === undefined || file === undefined) continue;
    const key = `${thread} ${file} ${syscall}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    // Of two threads that make the same call each fails at its Nth: one point for both.
    points.set(`${file} ${syscall} ${nth}`, { role, file, syscall, nth });
  }
  return [...points.values()];
}

/** All that can be made to fail at some points, in an order that the seed draws. */
export function failuresOf(points: readonly Point[], seed: number): FailingPoint[] {
  const failing: FailingPoint[] = [];
  for (const point of points) {
    const errors = CAN_BE_SHORT.test(point.syscall) ? [...ERRORS, SHORT] : ERRORS;
    for (const error of errors) failing.push({ ...point, error });
  }
  // By a digest and not by a shuffle: a call more or less in a life moves no other case.
  const lots = failing.map((item) => ({ item, lot: hash("sha1", `${seed} ${nameOf(item)}`) }));
  return lots.toSorted((a, b) => (a.lot < b.lot ? -1 : 1)).map(({ item }) => item);
}

export function nameOf({ role, file, syscall, nth, error }: FailingPoint): string {
  return `${role}: ${syscall} #${nth} of ${file}: ${error}`;
}

/** The first file below a directory that a line of a trace names, by a path or by a descriptor. */
function fileIn(line: string, directory: string): string | undefined {
  const start = line.indexOf(`${directory}/`);
  if (start < 0) return undefined;
  const end = line.slice(start).search(/["<>]|\(deleted\)/);
  return relative(directory, line.slice(start, start + end));
}
