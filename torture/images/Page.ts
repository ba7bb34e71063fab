/** The bytes that the page cache writes as one, on Linux; the size of LMDB's pages too. */
export const PAGE_BYTES = 4_096;

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512;

export type Page = Uint8Array;

/** Every page that is nothing but zeros is this one. */
export const ZERO_PAGE: Page = new Uint8Array(PAGE_BYTES);

export function isZero(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, ZERO_PAGE.subarray(0, bytes.byteLength)) === 0;
}

/** The page itself, or the one page of zeros where it is nothing else. */
export function canonical(page: Page): Page {
  return isZero(page) ? ZERO_PAGE : page;
}
