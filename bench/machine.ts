import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, type, totalmem } from "node:os";
import { installedVersion } from "./installedVersion.ts";

/** What figures mean nothing without. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly filesystem: string;
  readonly node: string;
  readonly rxjs: string;
  readonly lmdb: string;
  /** The commit, and `+` where the working tree differs from it beyond what was measured. */
  readonly revision: string;
  readonly loadAverage: number;
}

/** The machine as it is now; `directory` lies on the disk that is measured. */
export function machineOf(directory: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    filesystem: outputOf("df", ["--output=fstype", directory]).replace(/^.*\n/, ""),
    node: process.version,
    rxjs: installedVersion("rxjs"),
    lmdb: installedVersion("lmdb"),
    revision: revision(),
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

/** Nanoseconds of CPU that the calling thread has used; NaN where the system does not tell. */
export function threadCpuNs(): number {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[0]);
  } catch {
    return Number.NaN;
  }
}

function revision(): string {
  const commit = outputOf("git", ["rev-parse", "--short", "HEAD"]);
  return outputOf("git", ["status", "--porcelain", "--", ":/", ":!/docs/performance"]) === ""
    ? commit
    : `${commit}+`;
}

function outputOf(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "unknown";
  }
}
