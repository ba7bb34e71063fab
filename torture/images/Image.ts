import { createHash } from "node:crypto";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { isZero, PAGE_BYTES, type Page } from "./Page.ts";

/** A file's bytes, without the pages that are zeros. */
export interface ImageFile {
  readonly size: number;
  readonly pages: ReadonlyMap<number, Page>;
}

/** A folder with all that is below it, by name. */
export interface Image {
  readonly folders: ReadonlyMap<string, Image>;
  readonly files: ReadonlyMap<string, ImageFile>;
}

const digests = new WeakMap<Page | ImageFile, Buffer>();

/** The same for two images of the same bytes under the same names. */
export function digestOf({ folders, files }: Image): string {
  const hash = createHash("sha256");
  for (const [name, folder] of byName(folders)) hash.update(`/${name}\0${digestOf(folder)}`);
  for (const [name, file] of byName(files)) hash.update(`${name}\0${digestOfFile(file)}`);
  return hash.digest("hex");
}

export function digestOfFile(file: ImageFile): string {
  const digest = once(file, () => {
    const hash = createHash("sha256").update(`${file.size}`);
    for (const [number, page] of [...file.pages].toSorted(([a], [b]) => a - b)) {
      const ofPage = once(page, () => createHash("sha256").update(page).digest());
      hash.update(`\0${number}\0`).update(ofPage);
    }
    return hash.digest();
  });
  return digest.toString("hex");
}

/** Puts an image on a real disk, into a folder that is there and empty. */
export function writeImage({ folders, files }: Image, into: string): void {
  for (const [name, folder] of folders) {
    mkdirSync(join(into, name), { mode: 0o700 });
    writeImage(folder, join(into, name));
  }
  for (const [name, { size, pages }] of files) {
    const file = openSync(join(into, name), "wx", 0o600);
    for (const [number, page] of pages) writeSync(file, page, 0, PAGE_BYTES, number * PAGE_BYTES);
    ftruncateSync(file, size);
    closeSync(file);
  }
}

/** What lies in a folder of a real disk. */
export function readImage(from: string): Image {
  const entries = readdirSync(from, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  const files = entries.filter((entry) => entry.isFile());
  return {
    folders: new Map(folders.map(({ name }) => [name, readImage(join(from, name))])),
    files: new Map(files.map(({ name }) => [name, imageOf(readFileSync(join(from, name)))])),
  };
}

function imageOf(bytes: Uint8Array): ImageFile {
  const pages = new Map<number, Page>();
  for (let at = 0; at < bytes.byteLength; at += PAGE_BYTES) {
    const page = new Uint8Array(PAGE_BYTES);
    page.set(bytes.subarray(at, at + PAGE_BYTES));
    if (!isZero(page)) pages.set(at / PAGE_BYTES, page);
  }
  return { size: bytes.byteLength, pages };
}

function once(item: Page | ImageFile, compute: () => Buffer): Buffer {
  const digest = digests.get(item) ?? compute();
  digests.set(item, digest);
  return digest;
}

function byName<Item>(items: ReadonlyMap<string, Item>): readonly [string, Item][] {
  return [...items].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
