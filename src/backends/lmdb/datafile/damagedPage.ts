import { CorruptedError } from "../../../model/errors.ts";

/** The error for a page that is not what LMDB writes; the path of its file is put before it later. */
export function damagedPage(pageNumber: number, what: string): CorruptedError {
  return new CorruptedError(`page ${pageNumber} ${what}`);
}
