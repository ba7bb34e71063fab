import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { CorruptedError } from "../../../model/errors.ts";
import { DATA_FILE_NAME } from "../DataFile.ts";
import { damagedPage } from "./damagedPage.ts";
import type { PageSpan } from "./freePages.ts";
import { inFile } from "./inFile.ts";
import { META_BYTES, META_PAGES, pageBytesIn, type MetaBytes } from "./metas.ts";
import { PageMemory } from "./PageMemory.ts";
import { READ_FLAGS } from "../openFlags.ts";

/** What opening says of a link and of a socket. */
const NO_FILE_CODES: ReadonlySet<unknown> = new Set(["ELOOP", "ENXIO"]);

/** So much of a row of pages is read at once, however long it says it is. */
const PIECE_BYTES = 2 ** 20;

/** Bytes of a file, and where they stand. */
export interface FilePiece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * The data.mdb of a folder as a file of pages, open for reading without LMDB. What it gives are
 * copies. It goes on with its file where another one takes its place.
 */
export class PageFile {
  readonly path: string;
  readonly pageBytes: number;
  readonly inode: number;
  readonly #file: number;
  readonly #pages: PageMemory;
  readonly #starts: PageMemory;
  /** The file was this long when it was last looked at. */
  #fileBytes: number;

  /** @throws {@link CorruptedError} for what is no file of LMDB, or the error of the file system. */
  static open(folder: string): PageFile {
    const path = join(folder, DATA_FILE_NAME);
    const file = openFile(path);
    try {
      return inFile(path, () => new PageFile(path, file));
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** Takes a step with the file of a folder. @throws as {@link open}, and what the step throws. */
  static use<Result>(folder: string, step: (file: PageFile) => Result): Result {
    const file = PageFile.open(folder);
    try {
      return step(file);
    } finally {
      file.close();
    }
  }

  private constructor(path: string, file: number) {
    this.path = path;
    this.#file = file;
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new CorruptedError("is no regular file");
    this.inode = stats.ino;
    this.#fileBytes = stats.size;
    if (stats.size < META_BYTES) throw new CorruptedError("is too short");
    this.pageBytes = pageBytesIn(this.#read(0, Buffer.allocUnsafe(META_BYTES)));
    this.#pages = new PageMemory(this.pageBytes);
    this.#starts = new PageMemory(this.pageBytes);
    if (stats.size < META_PAGES * this.pageBytes) throw new CorruptedError("is too short");
  }

  /** The whole pages that the file has now. */
  pageCount(): number {
    this.#fileBytes = fstatSync(this.#file).size;
    return Math.floor(this.#fileBytes / this.pageBytes);
  }

  /** Both meta pages, as they are now: commits may come between the two. */
  readMetas(): MetaBytes {
    const bytes = this.#read(0, Buffer.allocUnsafe(this.pageBytes + META_BYTES));
    return [bytes.subarray(0, META_BYTES), bytes.subarray(this.pageBytes)];
  }

  readMeta(pageNumber: number): Uint8Array {
    return this.#read(pageNumber * this.pageBytes, Buffer.allocUnsafe(META_BYTES));
  }

  /** @throws {@link CorruptedError} where the file ends before that. */
  readPage(pageNumber: number): Buffer {
    this.checkHas(pageNumber, 1);
    return this.#read(pageNumber * this.pageBytes, this.#pages.next());
  }

  /** The same for a page that is not kept with others. */
  readStart(pageNumber: number): Buffer {
    this.checkHas(pageNumber, 1);
    return this.#read(pageNumber * this.pageBytes, this.#starts.next());
  }

  /** The bytes of pages in a row, in pieces. @throws {@link CorruptedError} as {@link readPage}. */
  *readSpan({ pageNumber, pageCount }: PageSpan): Generator<FilePiece, void> {
    const perPiece = Math.max(1, Math.floor(PIECE_BYTES / this.pageBytes));
    for (let done = 0; done < pageCount; done += perPiece) {
      const pages = Math.min(perPiece, pageCount - done);
      const bytes = this.readFrom(pageNumber + done, pages * this.pageBytes);
      yield { at: (pageNumber + done) * this.pageBytes, bytes };
    }
  }

  /** The bytes from the start of a page on. @throws {@link CorruptedError} as {@link readPage}. */
  readFrom(pageNumber: number, byteLength: number): Buffer {
    // Before so much memory is asked for: the length is one that was read.
    this.checkHas(pageNumber, Math.ceil(byteLength / this.pageBytes));
    return this.#read(pageNumber * this.pageBytes, Buffer.allocUnsafeSlow(byteLength));
  }

  /** @throws {@link CorruptedError} unless the file has all of some pages. */
  checkHas(pageNumber: number, pageCount: number): void {
    const end = (pageNumber + pageCount) * this.pageBytes;
    if (end > this.#fileBytes && end > this.pageCount() * this.pageBytes) {
      throw damagedPage(pageNumber, "leads beyond the end of the file");
    }
  }

  /** Throws nothing: the file was only read, and is let go of whatever the system says. */
  close(): void {
    try {
      closeSync(this.#file);
    } catch {
      // What fails here is the end of writing, and nothing was written.
    }
  }

  #read(start: number, into: Buffer): Buffer {
    for (let read = 0; read < into.length;) {
      const got = readSync(this.#file, into, read, into.length - read, start + read);
      if (got === 0) {
        throw damagedPage(Math.floor(start / this.pageBytes), "is behind the end of the file");
      }
      read += got;
    }
    return into;
  }
}

/** Opens a file for reading. @throws {@link CorruptedError} where none is there. */
function openFile(path: string): number {
  try {
    return openSync(path, READ_FLAGS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cause = { cause: error };
    if (code === "ENOENT") throw new CorruptedError(`${path}: is missing`, undefined, cause);
    if (NO_FILE_CODES.has(code)) {
      throw new CorruptedError(`${path}: is no regular file`, undefined, cause);
    }
    throw error;
  }
}
