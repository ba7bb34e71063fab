import type { ImageFile } from "./Image.ts";
import { canonical, isZero, PAGE_BYTES, ZERO_PAGE, type Page } from "./Page.ts";
import { Register, type Unit } from "./Register.ts";

/** What of a file has got to the disk. */
export interface ChosenBytes {
  readonly sizeOf: (size: Register<number>) => number;
  readonly pageOf: (page: Register<Page>) => Page;
}

/** A file as a program has written it, page by page, and what of it is known to be on disk. */
export class ModelFile {
  readonly #size: Register<number>;
  readonly #pages = new Map<number, Register<Page>>();
  /** Its image, while there is only one that it can have. */
  #settled: ImageFile | undefined;

  constructor({ size, pages }: ImageFile = { size: 0, pages: new Map() }) {
    this.#size = new Register(size);
    for (const [number, page] of pages) this.#pages.set(number, new Register(page, this.#size));
  }

  write(at: number, bytes: Uint8Array, now: number): void {
    this.#settled = undefined;
    const end = at + bytes.byteLength;
    for (let from = at; from < end;) {
      const number = Math.floor(from / PAGE_BYTES);
      const until = Math.min(end, (number + 1) * PAGE_BYTES);
      this.#change(number, now, (page) => {
        page.set(bytes.subarray(from - at, until - at), from - number * PAGE_BYTES);
      });
      from = until;
    }
    if (end > this.#size.live) this.#size.set(end, now);
  }

  truncate(size: number, now: number): void {
    this.#settled = undefined;
    for (const number of this.#pages.keys()) {
      const start = number * PAGE_BYTES;
      if (start + PAGE_BYTES <= size) continue;
      this.#change(number, now, (page) => page.fill(0, Math.max(0, size - start)));
    }
    this.#size.set(size, now);
  }

  settle(until: number): void {
    this.#size.settle(until);
    for (const page of this.#pages.values()) page.settle(until);
  }

  /** What of it lies in a range is on disk as it is now. */
  settleRange(from: number, to: number): void {
    for (let number = Math.floor(from / PAGE_BYTES); number * PAGE_BYTES < to; number += 1) {
      this.#pages.get(number)?.settle(Infinity);
    }
    if (to === this.#size.live) this.#size.settle(Infinity);
  }

  units(): readonly Unit[] {
    return [this.#size, ...this.#pages.values()].filter(({ steps }) => steps > 0);
  }

  /** The file after a power cut; whoever asks chooses what has got to the disk. */
  image(chosen: ChosenBytes): ImageFile {
    if (this.units().length > 0) return this.#image(chosen);
    this.#settled ??= this.#image(chosen);
    return this.#settled;
  }

  #image({ sizeOf, pageOf }: ChosenBytes): ImageFile {
    const size = sizeOf(this.#size);
    const pages = new Map<number, Page>();
    for (const [number, register] of this.#pages) {
      if (number * PAGE_BYTES >= size) continue;
      const page = cutAt(size - number * PAGE_BYTES, pageOf(register));
      if (page !== ZERO_PAGE) pages.set(number, page);
    }
    return { size, pages };
  }

  #change(number: number, now: number, change: (page: Page) => void): void {
    const register = this.#pages.get(number) ?? new Register(ZERO_PAGE, this.#size);
    this.#pages.set(number, register);
    const page = register.live.slice();
    change(page);
    register.set(canonical(page), now);
  }
}

/** A page of which the file has only the first bytes. */
function cutAt(bytes: number, page: Page): Page {
  if (bytes >= PAGE_BYTES || isZero(page.subarray(bytes))) return page;
  return canonical(page.slice().fill(0, bytes));
}
