import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inTemporaryFolder } from "./temporaryFolder.ts";

/** A file system of its own. */
export interface SmallDisk {
  readonly directory: string;
  /** Takes all that is free on it; what it gives frees it again. */
  readonly fill: () => () => void;
}

/** One that can fail. */
export interface FailingDisk extends SmallDisk {
  /** It finds itself damaged, and takes no more writes. */
  readonly breakDown: () => void;
}

const MIB = 2 ** 20;
const MIN_FILL_BYTES = 4_096;

/**
 * Runs a step on a disk of so many MiB that can be filled and can break down; gives false where it
 * cannot be had, since to mount needs root.
 */
export function inSmallDisk(
  mib: number,
  step: (disk: FailingDisk) => Promise<void>,
): Promise<boolean> {
  const mount = (folder: string, mounted: string): boolean => {
    const image = path.join(folder, "image");
    return (
      succeeds("truncate", "-s", String(mib * MIB), image) &&
      succeeds("mkfs.ext4", "-q", "-F", "-m", "0", image) &&
      succeeds("mount", "-o", "loop,errors=remount-ro", image, mounted)
    );
  };
  return inMounted(mount, (mounted) =>
    step({ ...diskAt(mounted), breakDown: () => breakDown(mounted) }),
  );
}

/** The same in memory: a page that it has no room for ends who touches it in a map. */
export function inSmallTmpfs(
  mib: number,
  step: (disk: SmallDisk) => Promise<void>,
): Promise<boolean> {
  const mount = (_: string, mounted: string): boolean =>
    succeeds("mount", "-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", mounted);
  return inMounted(mount, (mounted) => step(diskAt(mounted)));
}

async function inMounted(
  mount: (folder: string, mounted: string) => boolean,
  step: (mounted: string) => Promise<void>,
): Promise<boolean> {
  let isMounted = false;
  await inTemporaryFolder(async (folder) => {
    const mounted = path.join(folder, "disk");
    mkdirSync(mounted);
    isMounted = mount(folder, mounted);
    if (!isMounted) return;
    try {
      await step(mounted);
    } finally {
      succeeds("umount", "-l", mounted);
    }
  });
  return isMounted;
}

function diskAt(mounted: string): SmallDisk {
  return {
    directory: path.join(mounted, "runs"),
    fill: () => fill(path.join(mounted, "ballast")),
  };
}

/** Halves what is asked for until nothing is given any more. */
function fill(file: string): () => void {
  const { bavail, bsize } = statfsSync(path.dirname(file));
  for (let bytes = bavail * bsize; bytes >= MIN_FILL_BYTES; bytes = Math.floor(bytes / 2)) {
    try {
      writeFileSync(file, Buffer.alloc(bytes, 1), { flag: "a", flush: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  return () => rmSync(file);
}

/** ext4 can be told that it has found an error. */
function breakDown(mounted: string): void {
  const { stdout } = spawnSync("findmnt", ["-no", "SOURCE", mounted], { encoding: "utf8" });
  writeFileSync(`/sys/fs/ext4/${path.basename(stdout.trim())}/trigger_fs_error`, "1");
}

function succeeds(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args).status === 0;
}
