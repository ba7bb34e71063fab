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
 * @throws {@link InvalidConfigError} unless exactly one of the two is given, and is what it has to be.
 */
export function catalogOf(address: CatalogAddress): RunCatalog {
  checkRecord("options", address);
  const { directory, catalog } = address;
  if (directory !== undefined && catalog !== undefined) {
    throw new InvalidConfigError("catalog", "absent where `directory` is given", catalog);
  }
  if (catalog !== undefined) {
    checkCatalog("catalog", catalog);
    return catalog;
  }
  if (typeof directory !== "string" || directory.length === 0 || directory.includes("\0")) {
    throw new InvalidConfigError("directory", "a path", directory);
  }
  return lmdbCatalog({ directory });
}

/**
 * @throws {@link InvalidConfigError} unless the value has the methods of a catalog.
 */
export function checkCatalog(option: string, value: unknown): void {
  const catalog: Partial<Record<keyof RunCatalog, unknown>> = value ?? {};
  for (const method of ["acquire", "list", "read"] as const) {
    if (typeof catalog[method] !== "function") {
      throw new InvalidConfigError(option, "a catalog of runs", value);
    }
  }
}
