import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Disk } from "../../../torture/images/Disk.ts";
import type { DiskEvent, NamesEvent } from "../../../torture/images/DiskEvent.ts";
import type { Image } from "../../../torture/images/Image.ts";
import { survivorsOf } from "../../../torture/images/survivors.ts";

const test = suite("the disk of torture/images");

const ROOT = "/disk";
const FOLDER = 1n;
const FILE = 2n;
const PAGE_BYTES = 4_096;

test("keeps neither name nor content of a file that nobody synced", () => {
  const disk = diskAfter(open("log", FILE), write("abc", 0));
  assert.equal(textsOf(leastOf(disk)), {});
  assert.equal(textsOf(mostOf(disk)), { log: "abc" });
});

test("keeps a file's synced content without its name, until its folder is synced too", () => {
  const disk = diskAfter(open("log", FILE), write("abc", 0), ...sync(FILE));
  assert.equal(textsOf(leastOf(disk)), {});
  for (const event of sync(FOLDER)) disk.apply(event);
  assert.equal(textsOf(leastOf(disk)), { log: "abc" });
});

test("keeps of a sync only what had returned when it began", () => {
  const disk = named();
  disk.apply(write("abc", 0));
  disk.apply({ kind: "syncBegins", inode: FILE });
  disk.apply(write("xyz", 0));
  disk.apply({ kind: "syncEnds", inode: FILE });
  assert.equal(textsOf(leastOf(disk)), { log: "abc" });
  assert.equal(textsOf(mostOf(disk)), { log: "xyz" });
});

test("keeps of two syncs that overlap what the one covers that covers less", () => {
  const disk = named();
  disk.apply({ kind: "syncBegins", inode: FILE });
  disk.apply(write("abc", 0));
  disk.apply({ kind: "syncBegins", inode: FILE });
  disk.apply({ kind: "syncEnds", inode: FILE });
  assert.equal(textsOf(leastOf(disk)), { log: "" });
});

test("keeps of a write through O_DSYNC its own pages alone", () => {
  const disk = named();
  disk.apply(write("first", 0));
  const synced = write("second", PAGE_BYTES, true);
  disk.apply(synced);
  assert.equal(textsOf(leastOf(disk)), { log: "" });
  disk.settle(synced);
  assert.equal(textsOf(leastOf(disk)), { log: `${"\0".repeat(PAGE_BYTES)}second` });
});

test("loses each page, the size and each change of names for itself", () => {
  const disk = named();
  disk.apply(write("a", 0));
  disk.apply(write("b", PAGE_BYTES));
  disk.apply(names("link", "log", "copy"));
  assert.is(disk.units().length, 4);
});

test("may keep the last of all that waits for one sync, and nothing of what came before it", () => {
  const disk = named();
  disk.apply(write("page", PAGE_BYTES));
  disk.apply(write("meta", 0));
  const [size, page, meta] = disk.units();
  const image = disk.image(survivorsOf((unit) => (unit === size || unit === meta ? 1 : 0)));
  assert.is(page?.companion, size);
  assert.equal(textsOf(image), { log: `meta${"\0".repeat(PAGE_BYTES)}` });
});

test("has a rename whole or not at all", () => {
  const disk = named();
  disk.apply(names("rename", "log", "sealed"));
  assert.equal(textsOf(leastOf(disk)), { log: "" });
  assert.equal(textsOf(mostOf(disk)), { sealed: "" });
});

test("may lose a truncation, and what was cut off is gone where it does not", () => {
  const disk = named();
  disk.apply(write("abcdef", 0));
  for (const event of sync(FILE)) disk.apply(event);
  disk.apply({ kind: "truncate", inode: FILE, size: 2 });
  assert.equal(textsOf(leastOf(disk)), { log: "abcdef" });
  disk.apply({ kind: "truncate", inode: FILE, size: 4 });
  assert.equal(textsOf(mostOf(disk)), { log: "ab\0\0" });
});

test("keeps what a power cut left as it was found", () => {
  const before = mostOf(diskAfter(open("log", FILE), write("abc", 0)));
  assert.equal(textsOf(leastOf(new Disk(ROOT, before))), { log: "abc" });
});

test.run();

function diskAfter(...events: readonly DiskEvent[]): Disk {
  const disk = new Disk(ROOT);
  disk.apply({ kind: "open", path: ROOT, inode: FOLDER, isCut: false });
  for (const event of events) disk.apply(event);
  return disk;
}

/** With a file that is there and empty, whatever happens. */
function named(): Disk {
  return diskAfter(open("log", FILE), ...sync(FOLDER));
}

function open(name: string, inode: bigint): DiskEvent {
  return { kind: "open", path: `${ROOT}/${name}`, inode, isCut: false };
}

function write(text: string, at: number, isSynced = false): DiskEvent & { kind: "write" } {
  return { kind: "write", inode: FILE, at, bytes: Buffer.from(text), isSynced };
}

function sync(inode: bigint): readonly DiskEvent[] {
  return [
    { kind: "syncBegins", inode },
    { kind: "syncEnds", inode },
  ];
}

function names(change: NamesEvent["change"], path: string, to: string): DiskEvent {
  return { kind: "names", change, path: `${ROOT}/${path}`, to: `${ROOT}/${to}` };
}

function leastOf(disk: Disk): Image {
  return disk.image(survivorsOf(() => 0));
}

function mostOf(disk: Disk): Image {
  return disk.image(survivorsOf(({ steps }) => steps));
}

function textsOf({ files }: Image): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, { size, pages }] of files) {
    const bytes = Buffer.alloc(Math.ceil(size / PAGE_BYTES) * PAGE_BYTES);
    for (const [number, page] of pages) bytes.set(page, number * PAGE_BYTES);
    texts[name] = bytes.toString("latin1", 0, size);
  }
  return texts;
}
