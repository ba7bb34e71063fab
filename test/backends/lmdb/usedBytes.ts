import type { Environment } from "../../../src/backends/lmdb/environment.ts";

/** How much of its file LMDB itself says that it has used. */
export function usedBytesOf(environment: Environment): number {
  const { pageSize, lastPageNumber } = environment.getStats() as {
    readonly pageSize: number;
    readonly lastPageNumber: number;
  };
  return (lastPageNumber + 1) * pageSize;
}
