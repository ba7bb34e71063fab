import { CorruptedError } from "../../model/errors.ts";
import type { Environment } from "./environment.ts";
import type { Row } from "./Rows.ts";
import type { SealedRows } from "./RowSealer.ts";

const NO_OVERWRITE = { noOverwrite: true };

/** Puts a row, within a transaction, and says whether it was stored, which lmdb's types leave out. */
export function put(environment: Environment, { key, value }: Row, onlyIfNew: boolean): boolean {
  const isStored: unknown = onlyIfNew
    ? environment.putSync(key, value, NO_OVERWRITE)
    : environment.putSync(key, value);
  return isStored === true;
}

/** Puts what an append stores, within a transaction. @throws {@link CorruptedError} for a frame that is there. */
export function putSealed(environment: Environment, { frames, indexRows }: SealedRows): void {
  for (const row of frames) {
    if (!put(environment, row, true)) throw new CorruptedError("A frame is there already");
  }
  // The first seq that mentioned a key stays.
  for (const row of indexRows) put(environment, row, true);
}
