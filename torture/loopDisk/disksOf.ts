import type { Context } from "../Attack.ts";
import { FILE_SYSTEMS, type FileSystem } from "./LoopDisk.ts";

/** A disk and the cases it lives through. */
export interface CasesOfADisk {
  readonly fileSystem: FileSystem;
  readonly from: number;
  /** The first case of the next disk. */
  readonly end: number;
}

/** Cuts a slice of cases where one disk makes room for the next, whose file system is another. */
export function* disksOf(context: Context, casesOfADisk: number): Generator<CasesOfADisk> {
  const last = context.from + context.count;
  for (let from = context.from; from < last;) {
    const index = Math.floor(from / casesOfADisk);
    const end = Math.min(last, (index + 1) * casesOfADisk);
    yield { fileSystem: FILE_SYSTEMS[index % 2 === 0 ? 0 : 1], from, end };
    from = end;
  }
}
