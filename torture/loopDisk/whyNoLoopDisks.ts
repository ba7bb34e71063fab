import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FILE_SYSTEMS, makeImage, OWN_MOUNTS, type FileSystem } from "./LoopDisk.ts";

/** gcc before a script for the one ioctl, since the control (noSync.c) cannot do without it. */
const COMMANDS = ["gcc", "unshare", "nsenter", "mount", "umount", "mkfs.ext4", "mkfs.xfs"];

/** Why no disk can be made here whose power can be cut, or undefined where it can. */
export function whyNoLoopDisks(): string | undefined {
  if (process.platform !== "linux") return "only Linux shuts a file system down";
  if (process.getuid?.() !== 0) return "only root may mount a file system";
  const missing = COMMANDS.find((name) => spawnSync(name, ["--version"]).error !== undefined);
  if (missing !== undefined) return `there is no ${missing}`;
  const folder = mkdtempSync(join(tmpdir(), "tidemark-torture-mount-"));
  try {
    for (const fileSystem of FILE_SYSTEMS) tryToMount(fileSystem, folder);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tryToMount(fileSystem: FileSystem, folder: string): void {
  const image = makeImage(fileSystem, folder);
  const mountPoint = join(folder, `${fileSystem}.disk`);
  mkdirSync(mountPoint);
  const mount = ["mount", "-o", "loop", image, mountPoint];
  const { status, stderr } = spawnSync("unshare", [...OWN_MOUNTS, ...mount], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${fileSystem} cannot be mounted: ${stderr.trim()}`);
}
