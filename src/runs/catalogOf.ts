import type { RunCatalog } from "../backends/RunCatalog.ts";
import { lmdbCatalog } from "../backends/lmdb/lmdbCatalog.ts";
import { InvalidConfigError } from "../model/errors.ts";
import { checkRecord } from "../model/options.ts";

/** Where runs are: a directory, which is short for its LMDB catalog, or a catalog. */
export interface CatalogAddress {
  readonly directory?: string;
  readonly catalog?: RunCatalog;
}

/**
 * @throws {@link InvalidConfigError} unless exactly one of the two is given.
 */
export function catalogOf(address: CatalogAddress): RunCatalog {
  checkRecord("options", address);
  const { directory, catalog } = address;
  if (directory !== undefined && catalog !== undefined) {
    throw new InvalidConfigError("catalog", "absent where `directory` is given", catalog);
  }
  if (catalog !== undefined) return catalog;
  if (typeof directory !== "string" || directory.length === 0 || directory.includes("\0")) {
    throw new InvalidConfigError("directory", "a path", directory);
  }
  return lmdbCatalog({ directory });
}
