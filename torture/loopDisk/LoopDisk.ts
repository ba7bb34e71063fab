import { execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { compiled } from "./compiled.ts";
import type { Disk } from "./Disk.ts";

/** The file systems whose power can be cut. */
export const FILE_SYSTEMS = ["ext4", "xfs"] as const;
export type FileSystem = (typeof FILE_SYSTEMS)[number];

/** The file is as long, but has only the blocks that were written. xfs takes no less than 300 MiB. */
const IMAGE_BYTES = 512 * 2 ** 20;
/** How long the processes on a disk may take to end after the one that was killed or halted. */
const MAX_ENDING_MS = 5_000;
const POLL_MS = 5;

type Holder = ChildProcessByStdio<Writable, Readable, null>;

/**
 * A file system in an image file, mounted through a loop device, whose power can be cut: everything
 * that was not forced to disk by then is gone.
 *
 * It is mounted in a mount namespace of its own that nobody else sees. The namespace is held by a
 * process that ends with this one, and the kernel unmounts it with its last process and frees the
 * loop device: nothing is left mounted, however this process ends.
 */
export class LoopDisk implements Disk {
  readonly cutsProcessesOnly = false;
  readonly root: string;
  readonly seen: string;
  readonly under: readonly string[];
  readonly #image: string;
  readonly #holder: Holder;
  readonly #answers: AsyncIterableIterator<string>;
  readonly #namespace: string;

  /** Makes an empty file system of the kind and mounts it. @param folder - an empty folder. */
  static async make(fileSystem: FileSystem, folder: string): Promise<LoopDisk> {
    const image = makeImage(fileSystem, folder);
    const mountPoint = join(folder, "disk");
    mkdirSync(mountPoint);
    const powerSwitch = compiled("powerSwitch.c", folder);
    const holder = spawn("unshare", [...OWN_MOUNTS, powerSwitch, mountPoint], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const answers = createInterface({ input: holder.stdout })[Symbol.asyncIterator]();
    const { value: greeting } = await answers.next();
    if (greeting !== "ready") throw new Error(`The power switch says ${String(greeting)}`);
    const disk = new LoopDisk({ image, mountPoint, holder, answers });
    disk.#mount();
    return disk;
  }

  private constructor(parts: {
    readonly image: string;
    readonly mountPoint: string;
    readonly holder: Holder;
    readonly answers: AsyncIterableIterator<string>;
  }) {
    const { image, mountPoint, holder, answers } = parts;
    this.#image = image;
    this.#holder = holder;
    this.#answers = answers;
    this.root = mountPoint;
    this.seen = `/proc/${holder.pid}/root${mountPoint}`;
    this.under = ["nsenter", `--target=${holder.pid}`, "--mount", "--wd", "--"];
    this.#namespace = readlinkSync(`/proc/${holder.pid}/ns/mnt`);
  }

  async cut(): Promise<void> {
    this.#holder.stdin.write("cut\n");
    const { value } = await this.#answers.next();
    if (value !== "0") throw new Error(`The power cannot be cut: error ${String(value)}`);
  }

  async endSurvivors(): Promise<readonly string[]> {
    const deadline = performance.now() + MAX_ENDING_MS;
    while (this.#processes().length > 0 && performance.now() < deadline) await sleep(POLL_MS);
    const survivors = this.#processes();
    for (const pid of survivors) process.kill(Number(pid), "SIGKILL");
    return survivors;
  }

  async replay(): Promise<void> {
    await this.#unmount();
    this.#mount();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endSurvivors();
    await this.#unmount();
    const ended = new Promise((resolve) => this.#holder.once("exit", resolve));
    this.#holder.stdin.end();
    await ended;
    rmSync(this.#image);
  }

  #mount(): void {
    this.#run("mount", "-o", "loop", this.#image, this.root);
  }

  /** Again and again: who has just ended may still hold the disk for a moment. */
  async #unmount(): Promise<void> {
    const deadline = performance.now() + MAX_ENDING_MS;
    for (;;) {
      try {
        return this.#run("umount", this.root);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(POLL_MS);
      }
    }
  }

  #run(command: string, ...args: readonly string[]): void {
    const [nsenter = "", ...options] = this.under;
    execFileSync(nsenter, [...options, command, ...args], { stdio: "pipe" });
  }

  /** The ids of the processes in the disk's namespace, but for its holder: ours, each of them. */
  #processes(): readonly string[] {
    return readdirSync("/proc").filter((pid) => {
      if (!/^\d+$/.test(pid) || pid === String(this.#holder.pid)) return false;
      try {
        return readlinkSync(`/proc/${pid}/ns/mnt`) === this.#namespace;
      } catch {
        // It has ended.
        return false;
      }
    });
  }
}

/** What gives a command mounts of its own that nobody else sees. */
export const OWN_MOUNTS: readonly string[] = ["--mount", "--propagation", "private"];

/** Makes an image file with an empty file system in a folder and gives its path. */
export function makeImage(fileSystem: FileSystem, folder: string): string {
  const image = join(folder, `${fileSystem}.img`);
  closeSync(openSync(image, "wx"));
  truncateSync(image, IMAGE_BYTES);
  execFileSync(`mkfs.${fileSystem}`, ["-q", image], { stdio: "pipe" });
  return image;
}
