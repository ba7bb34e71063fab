import { CorruptedError } from "../../../model/errors.ts";
import { damagedPage } from "./damagedPage.ts";
import type { PageSpan } from "./freePages.ts";
import { META_PAGES, type Meta } from "./metas.ts";

/** Which pages of a file its trees use, and which are said to be free. */
export class PageUse {
  readonly #lastPage: number;
  readonly #filePages: number;
  /** A bit for each page; what is used is in the file, which bounds how many there are. */
  readonly #isUsed: Uint8Array;
  readonly #free: PageSpan[] = [];

  constructor({ lastPage }: Meta, filePages: number) {
    this.#lastPage = lastPage;
    this.#filePages = filePages;
    this.#isUsed = new Uint8Array(Math.ceil(filePages / 8));
  }

  /** @throws {@link CorruptedError} where one of the pages is in use already. */
  use({ pageNumber, pageCount }: PageSpan): void {
    for (let page = pageNumber; page < pageNumber + pageCount; page += 1) {
      if (this.#has(page)) throw damagedPage(page, "is used twice");
      this.#isUsed[page >>> 3] = (this.#isUsed[page >>> 3] as number) | (1 << (page & 7));
    }
  }

  /** Remembers pages that are said to be free. @throws {@link CorruptedError} */
  free(span: PageSpan): void {
    const { pageNumber, pageCount } = span;
    if (pageNumber < META_PAGES || pageNumber + pageCount - 1 > this.#lastPage) {
      throw damagedPage(pageNumber, "cannot be a free page");
    }
    this.#free.push(span);
  }

  /**
   * Checks, when every page in use is known, that none of them is said to be free, and that pages
   * which the file does not have are. LMDB would write over the ones, and lead out of the other.
   *
   * @throws {@link CorruptedError}
   */
  checkFree(): void {
    let freeEnd = 0;
    let looks = 0;
    for (const { pageNumber, pageCount } of this.#free) {
      const end = pageNumber + pageCount;
      for (let page = pageNumber; page < Math.min(end, this.#filePages); page += 1) {
        if (this.#has(page)) throw damagedPage(page, "is in use and said to be free");
        looks += 1;
      }
      // LMDB passes over a page that is listed twice, but no list is of little else.
      if (looks > 2 * this.#filePages) throw new CorruptedError("there are too many free pages");
      freeEnd = Math.max(freeEnd, end);
    }
    if (this.#lastPage >= Math.max(freeEnd, this.#filePages)) {
      throw new CorruptedError(`the file ends before its last page ${this.#lastPage}`);
    }
  }

  #has(page: number): boolean {
    return ((this.#isUsed[page >>> 3] as number) & (1 << (page & 7))) !== 0;
  }
}
