import { constants } from "node:os";
import type { Said } from "./Life.ts";
import { DISK_ERRORS, SHORT, type FailingPoint } from "./points.ts";

/** LMDB's writes: where one fails it tells of it in too small a buffer, and may die of that (D-018). */
const LMDB_WRITES = /^pwrite(?:64|v)$|^writev$/;
/** What LMDB never calls, as long as its files are whole. */
const OURS_ALONE = /^(?:write|fdatasync|fsync|ftruncate|statx|fchmod|link|unlink)$/;
/** What was being done when LMDB was opened: `openRun` and `recoverRuns`. */
const OPENINGS: ReadonlySet<string> = new Set(["failed", "recover"]);
const FSTAT = /could not ask for the state of a file in/;
const DEATH = /was ended by SIG(?:SEGV|ABRT|BUS)/;

/**
 * What is wrong with how a failure is told: it has the number of the error, and it is called the
 * disk's where it is. What writes less than it was given has no number of its own, and counts as EIO;
 * a call that was interrupted is no failure of the disk.
 */
export function misnamed(said: Said, point: FailingPoint): string[] {
  const { word, value } = said;
  const text = JSON.stringify(value);
  const kind = String(value["kind"] ?? value["code"]);
  if (word === "halt" && kind.endsWith("-stall")) return [`a stall: ${text}`];
  if (isDeath(kind, value) && mayDie(word, point)) return [];
  if (isNumberless(said, point)) return [];
  const number = word === "halt" ? value["code"] : value["errno"];
  const isRight = kindsOf(point.error).includes(kind) && number === numberOf(point.error);
  return isRight ? [] : [`${point.error} was told as ${text}`];
}

function isDeath(kind: string, value: Said["value"]): boolean {
  const isOfWriter = kind === "backend-error" || kind === "TIDEMARK_BACKEND";
  return isOfWriter && DEATH.test(String(value["text"]));
}

/** LMDB's own calls kill the writer process while it opens, and its writes may whenever they fail. */
function mayDie(word: string, { role, syscall }: FailingPoint): boolean {
  if (role !== "writer" || OURS_ALONE.test(syscall)) return false;
  return OPENINGS.has(word) || LMDB_WRITES.test(syscall);
}

/** lmdb does not say which error an `fstat` gave while it opened, where it lives to say anything. */
function isNumberless({ word, value }: Said, { role, syscall }: FailingPoint): boolean {
  const isFstat = role === "writer" && syscall === "newfstatat";
  const isTold = value["code"] === "TIDEMARK_BACKEND" && value["errno"] === undefined;
  return isFstat && OPENINGS.has(word) && isTold && FSTAT.test(String(value["text"]));
}

function kindsOf(error: string): readonly string[] {
  return DISK_ERRORS.has(error) || error === SHORT
    ? ["backend-disk", "TIDEMARK_DISK"]
    : ["backend-error", "TIDEMARK_BACKEND"];
}

function numberOf(error: string): number {
  const name = error === SHORT ? "EIO" : error;
  return constants.errno[name as keyof typeof constants.errno];
}
