import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";

const INSTALLED = "/usr/lib/postgresql";
/** Whom a root starts the server as, which refuses to run for a root: nobody. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const START_TIMEOUT_MS = 30_000;

/** The programs of the newest PostgreSQL here. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const versions = readdirSync(INSTALLED).toSorted((one, other) => Number(other) - Number(one));
  return versions
    .map((version) => join(INSTALLED, version, "bin"))
    .find((programs) => existsSync(join(programs, "initdb")));
}

/** What the server says of itself. */
export function postgresVersion(): string {
  const server = join(postgresPrograms() ?? "", "postgres");
  return execFileSync(server, ["-V"], { encoding: "utf8" }).trim();
}

/** A folder that nobody can look into but who runs the server. */
function ownFolder(folder: string): string {
  const { uid, gid } = user();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  chmodSync(folder, 0o700);
  return folder;
}

/** Who runs a program of PostgreSQL. */
function user(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? NOBODY : {};
}

/** A cluster of our own with the default settings, on a Unix socket alone; gone when it is stopped. */
export class PostgresCluster {
  readonly socketFolder: string;
  readonly #server: ChildProcess;
  readonly #endAtExit = (): void => {
    this.#server.kill("SIGQUIT");
    rmSync(this.socketFolder, { recursive: true, force: true });
  };

  private constructor(server: ChildProcess, socketFolder: string) {
    this.#server = server;
    this.socketFolder = socketFolder;
    process.once("exit", this.#endAtExit);
  }

  /** Creates a cluster in a folder and starts it. */
  static async start(directory: string): Promise<PostgresCluster> {
    const programs = postgresPrograms();
    if (programs === undefined) throw new Error("There is no PostgreSQL here");
    const data = join(directory, "data");
    mkdirSync(data);
    ownFolder(data);
    const initdb = ["-D", data, "-U", "bench", "--auth=trust", "--encoding=UTF8", "--no-locale"];
    execFileSync(join(programs, "initdb"), initdb, {
      stdio: ["ignore", "ignore", "pipe"],
      cwd: "/",
      ...user(),
    });
    // The path of a socket has 107 bytes at most: ours may be longer.
    const socketFolder = ownFolder(mkdtempSync("/tmp/tidemark-bench-"));
    const settings = ["listen_addresses=", "fsync=on", "synchronous_commit=on"];
    const server = spawn(
      join(programs, "postgres"),
      ["-D", data, "-k", socketFolder, ...settings.flatMap((setting) => ["-c", setting])],
      { stdio: ["ignore", "ignore", "pipe"], cwd: "/", ...user() },
    );
    const cluster = new PostgresCluster(server, socketFolder);
    await cluster.#ready();
    return cluster;
  }

  /** Until it says that it takes connections. */
  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      let said = "";
      const timer = setTimeout(
        () => reject(new Error(`It does not start: ${said}`)),
        START_TIMEOUT_MS,
      );
      this.#server.once("exit", () => reject(new Error(`It has ended: ${said}`)));
      this.#server.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (!said.includes("ready to accept connections")) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Ends it as an administrator would: nothing waits for clients. */
  async stop(): Promise<void> {
    const exited = once(this.#server, "exit");
    this.#server.kill("SIGINT");
    await exited;
    process.off("exit", this.#endAtExit);
    rmSync(this.socketFolder, { recursive: true, force: true });
  }
}
