import { hash } from "node:crypto";
import { relative } from "node:path";
import type { LifeKind } from "../programs/life.ts";

/** Which process of a life is made to fail: the one that the user's program is, or our writer. */
export type Role = "main" | "writer";

/** One call of a life: the Nth of its kind on a file that a thread makes. */
export interface Point {
  readonly life: LifeKind;
  readonly role: Role;
  /** Relative to the folder that the directory of the runs is in. */
  readonly file: string;
  readonly syscall: string;
  readonly nth: number;
}

/** A point and how it is made to fail. */
export interface FailingPoint extends Point {
  readonly error: string;
}

/**
 * A write that does not write all: nothing of it. That is all that strace can have come true, since it
 * puts a result in place of the call: to claim a part that was not written would be a lie of the
 * kernel, of which nothing is promised. Reads of a file are short at its end alone.
 */
export const SHORT = "short";

/** What the disk says as such; a failure of it is never called anything else by us. */
export const DISK_ERRORS: ReadonlySet<string> = new Set(["EIO", "ENOSPC", "EDQUOT", "EROFS"]);
const ERRORS = [...DISK_ERRORS, "EINTR"];
/** Enough of a digest for a number that is exact. */
const LOT_DIGITS = 12;
const CAN_BE_SHORT = /^p?write(?:64|v)?$/;
/** Both paths that a call names: the one it starts from is where strace counts it. */
const CALL = /^(\d+)\s+[\d.]+\s+(\w+)\(/;

/** Every call in a trace (strace -f -y -ttt) of a life that reached into a folder. */
export function pointsIn(
  trace: string,
  from: Pick<Point, "life" | "role">,
  folder: string,
): Point[] {
  const counts = new Map<string, number>();
  const points = new Map<string, Point>();
  for (const line of trace.split("\n")) {
    const [, thread, syscall] = CALL.exec(line) ?? [];
    const file = fileIn(line, folder);
    if (thread === undefined || syscall === undefined || file === undefined) continue;
    const key = `${thread} ${file} ${syscall}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    // Of two threads that make the same call each fails at its Nth: one point for both.
    points.set(`${file} ${syscall} ${nth}`, { ...from, file, syscall, nth });
  }
  return [...points.values()];
}

/** So many drawers, about one case in each. */
export const DRAWERS = 4_000;

/** A case, and the drawer that it lies in. */
export interface DrawnPoint extends FailingPoint {
  readonly drawer: number;
}

/** Which drawers to empty, of those that a seed has filled. */
export interface Drawers {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}

/**
 * All that can be made to fail at some points and lies in some of the drawers. Which one it is in is
 * said by its own name: a call more or less in a life moves no other case, and whoever empties all
 * drawers, in however many slices, has made each call fail.
 */
export function failuresIn(points: readonly Point[], { seed, from, count }: Drawers): DrawnPoint[] {
  const drawn: DrawnPoint[] = [];
  for (const point of points) {
    for (const error of CAN_BE_SHORT.test(point.syscall) ? [...ERRORS, SHORT] : ERRORS) {
      const lot = hash("sha1", `${seed} ${nameOf({ ...point, error })}`).slice(0, LOT_DIGITS);
      const drawer = Number.parseInt(lot, 16) % DRAWERS;
      if (drawer >= from && drawer < from + count) drawn.push({ ...point, error, drawer });
    }
  }
  return drawn.toSorted((a, b) => a.drawer - b.drawer);
}

export function nameOf({ life, role, file, syscall, nth, error }: FailingPoint): string {
  return `${life} life, ${role}: ${syscall} #${nth} of ${file}: ${error}`;
}

/** The first file in a folder, or itself, that a line of a trace names, by a path or a descriptor. */
function fileIn(line: string, folder: string): string | undefined {
  const start = line.indexOf(folder);
  if (start < 0) return undefined;
  const end = line.slice(start).search(/["<>]|\(deleted\)/);
  const path = line.slice(start, start + end);
  if (path !== folder && !path.startsWith(`${folder}/`)) return undefined;
  return relative(folder, path) || ".";
}
