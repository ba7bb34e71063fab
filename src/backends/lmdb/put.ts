import type { Environment } from "./environment.ts";
import type { Row } from "./Rows.ts";

const NO_OVERWRITE = { noOverwrite: true };

/** Puts a row, within a transaction, and says whether it was stored, which lmdb's types leave out. */
export function put(environment: Environment, { key, value }: Row, onlyIfNew: boolean): boolean {
  const isStored: unknown = onlyIfNew
    ? environment.putSync(key, value, NO_OVERWRITE)
    : environment.putSync(key, value);
  return isStored === true;
}
