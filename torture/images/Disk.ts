import { basename, dirname, relative, sep } from "node:path";
import type { DiskEvent, NamesEvent, OpenEvent, WriteEvent } from "./DiskEvent.ts";
import type { Image } from "./Image.ts";
import { ModelFile } from "./ModelFile.ts";
import { ModelFolder, type ModelNode, type Survivors } from "./ModelFolder.ts";
import type { Unit } from "./Register.ts";

/** Which syncs a disk says are done and does not carry out: a sound one none. */
export type Ignored = "none" | "of files" | "of folders";

/**
 * A disk below one folder, as POSIX allows it to be and as a careful program must expect it: nothing
 * is known to be there until it was synced, each page, each size and each change of names for itself,
 * and a file's sync says nothing of its name.
 */
export class Disk {
  readonly #path: string;
  readonly #ignored: Ignored;
  readonly #root: ModelFolder;
  readonly #nodes = new Map<bigint, ModelNode>();
  /** When the syncs began that are under way. */
  readonly #syncs = new Map<bigint, readonly number[]>();
  #now = 0;

  constructor(path: string, image?: Image, ignored: Ignored = "none") {
    this.#path = path;
    this.#ignored = ignored;
    this.#root = new ModelFolder(image);
  }

  /** What any power cut may keep or lose now. */
  units(): readonly Unit[] {
    return [...new Set(this.#root.units())];
  }

  /** What is there after a power cut that keeps what is chosen. */
  image(survivors: Survivors): Image {
    return this.#root.image(survivors);
  }

  /** Takes an event in. What was written through O_DSYNC is on disk only after {@link settle}. */
  apply(event: DiskEvent): void {
    this.#now += 1;
    switch (event.kind) {
      case "open":
        return this.#open(event);
      case "write":
        return this.#fileOf(event.inode).write(event.at, event.bytes, this.#now);
      case "truncate":
        return this.#fileOf(event.inode).truncate(event.size, this.#now);
      case "syncBegins":
        this.#syncs.set(event.inode, [...this.#syncsOf(event.inode), this.#now]);
        return;
      case "syncEnds":
        return this.#sync(event.inode);
      case "names":
        return this.#changeNames(event);
      case "announce":
        return;
    }
  }

  /** A write through O_DSYNC has returned: its pages are on disk, whatever else of the file is. */
  settle({ inode, at, bytes }: WriteEvent): void {
    if (this.#ignored !== "of files") this.#fileOf(inode).settleRange(at, at + bytes.byteLength);
  }

  /** Of several syncs of one file nobody can tell which has ended: the one that covers the least. */
  #sync(inode: bigint): void {
    const [until = 0, ...others] = this.#syncsOf(inode);
    this.#syncs.set(inode, others);
    const node = this.#nodeOf(inode);
    if (this.#ignored === (node instanceof ModelFile ? "of files" : "of folders")) return;
    node.settle(until);
  }

  #syncsOf(inode: bigint): readonly number[] {
    return this.#syncs.get(inode) ?? [];
  }

  #changeNames(event: NamesEvent): void {
    switch (event.change) {
      case "make folder":
        return this.#name(event.path, new ModelFolder());
      case "remove":
        return this.#name(event.path, undefined);
      case "link":
        return this.#name(event.to, this.#nodeAt(event.path));
      case "rename":
        return this.#rename(event.path, event.to);
    }
  }

  #open({ path, inode, isCut }: OpenEvent): void {
    let node = this.#find(path);
    if (node === undefined) {
      node = new ModelFile();
      this.#name(path, node);
    }
    if (isCut && node instanceof ModelFile) node.truncate(0, this.#now);
    this.#nodes.set(inode, node);
  }

  #rename(path: string, to: string): void {
    const node = this.#nodeAt(path);
    const [from, into] = [this.#folderOf(path), this.#folderOf(to)];
    if (from !== into) throw new Error(`The model knows no move of ${path} to ${to}`);
    from.change(
      [
        [basename(path), undefined],
        [basename(to), node],
      ],
      this.#now,
    );
  }

  #name(path: string, node: ModelNode | undefined): void {
    this.#folderOf(path).change([[basename(path), node]], this.#now);
  }

  #folderOf(path: string): ModelFolder {
    const folder = this.#nodeAt(dirname(path));
    if (folder instanceof ModelFolder) return folder;
    throw new Error(`The model has no folder for ${path}`);
  }

  #fileOf(inode: bigint): ModelFile {
    const node = this.#nodeOf(inode);
    if (node instanceof ModelFile) return node;
    throw new Error(`The model has a folder where ${inode} is a file`);
  }

  #nodeOf(inode: bigint): ModelNode {
    const node = this.#nodes.get(inode);
    if (node === undefined) throw new Error(`Nobody has opened ${inode}`);
    return node;
  }

  #nodeAt(path: string): ModelNode {
    const node = this.#find(path);
    if (node === undefined) throw new Error(`The model has no ${path}`);
    return node;
  }

  #find(path: string): ModelNode | undefined {
    let node: ModelNode | undefined = this.#root;
    for (const name of relative(this.#path, path).split(sep)) {
      if (name === "") continue;
      node = node instanceof ModelFolder ? node.get(name) : undefined;
    }
    return node;
  }
}
