import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import {
  META_BYTES,
  newestMeta,
  type Meta,
} from "../../../../../src/backends/lmdb/datafile/metas.ts";

export const PAGE_BYTES = 4_096;

/** The data.mdb of a folder, in memory, to be changed and written back. */
export class EditedFile {
  readonly path: string;
  readonly bytes: Buffer;

  constructor(folder: string) {
    this.path = path.join(folder, "data.mdb");
    this.bytes = readFileSync(this.path);
  }

  get meta(): Meta {
    const second = this.bytes.subarray(PAGE_BYTES);
    return newestMeta(
      this.bytes.subarray(0, META_BYTES),
      second.subarray(0, META_BYTES),
      PAGE_BYTES,
    );
  }

  /** A page, as a part of the file. */
  page(pageNumber: number): Buffer {
    return this.bytes.subarray(pageNumber * PAGE_BYTES, (pageNumber + 1) * PAGE_BYTES);
  }

  /** The root of the main tree. */
  get root(): Buffer {
    return this.page(this.meta.main.root ?? -1);
  }

  /** A node of a page, from its start to the end of the page. */
  node(page: Buffer, index: number): Buffer {
    return page.subarray(24 + page.readUInt16LE(24 + 2 * index));
  }

  /** The value of a node, or what stands in its place. */
  value(node: Buffer): Buffer {
    return node.subarray(8 + node.readUInt16LE(6));
  }

  /** Changes a byte, on the disk as well. */
  overwrite(at: number, byte: number): void {
    this.bytes[at] = byte;
    const file = openSync(this.path, "r+");
    writeSync(file, this.bytes, at, 1, at);
    closeSync(file);
  }

  write(): void {
    writeFileSync(this.path, this.bytes);
  }
}
