import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ProgramFailure, runProgram } from "../runProgram.ts";
import type { Peer, PeerId } from "./Peer.ts";

/** The first build compiles some 300 crates; later ones find everything done. */
const LONGEST_BUILD_MS = 45 * 60_000;
const PROJECT = fileURLToPath(new URL("./rust/", import.meta.url));
/** Where programs lie, whatever the environment says. */
const TARGET = ["--target-dir", "target", "--release", "--quiet", "--locked"] as const;

/** A program of the project, and the feature that builds it. */
type Program = "original" | "redb" | "umadb";

/** The crates whose versions count. */
const CRATES: Readonly<Record<Program, readonly string[]>> = {
  original: ["nautilus-event-store", "redb"],
  redb: ["redb"],
  umadb: ["umadb", "umadb-client"],
};

const builds = new Map<Program, Promise<string | undefined>>();

/** The stores written in Rust: built on first use, and left out where there is no toolchain. */
export const rustPeers: readonly Peer[] = [
  rustPeer({
    id: "original",
    name: "original",
    program: "original",
    does: "nautilus-event-store over redb at its defaults: one record and one BLAKE3 hash per entry, batches of 100 or 5 ms; single commits without its writer's queue; redb syncs once before it acknowledges",
  }),
  rustPeer({
    id: "originalTuned",
    name: "original, tuned",
    program: "original",
    options: ["--tuned"],
    does: "The same without its window and with batches of up to 10,000: whatever is queued is committed at once",
  }),
  rustPeer({
    id: "redb",
    name: "redb",
    program: "redb",
    does: "redb under no event store, one record per entry; no hash but that of its own pages; synced once before the commit returns",
  }),
  rustPeer({
    id: "redbBlob",
    name: "redb, blob",
    program: "redb",
    options: ["--blob"],
    does: "The same with one record per batch",
  }),
  rustPeer({
    id: "umadb",
    name: "UmaDB",
    program: "umadb",
    does: "Its server with its defaults and its client over loopback, up to 100 entries per request, requests in flight together committed together; no hash, no tag; synced twice before it answers; heard of by the answer to the client; entries of different requests keep no order",
  }),
];

interface RustPeer {
  readonly id: PeerId;
  readonly name: string;
  readonly does: string;
  readonly program: Program;
  readonly options?: readonly string[];
}

function rustPeer({ id, name, does, program, options = [] }: RustPeer): Peer {
  return {
    id,
    name,
    async prepare() {
      const building = builds.get(program) ?? build(program);
      builds.set(program, building);
      const why = await building;
      if (why !== undefined) return { why };
      return {
        command: [`${PROJECT}target/release/${program}`, ...options],
        does: `${await versionsOf(program)}: ${does}`,
      };
    },
  };
}

/** Of its crates, as the lock file has them, and of the compiler. */
async function versionsOf(program: Program): Promise<string> {
  const lock = readFileSync(`${PROJECT}Cargo.lock`, "utf8");
  const crates = CRATES[program].map((crate) => {
    const [, version] = new RegExp(`^name = "${crate}"\nversion = "(.*)"$`, "m").exec(lock) ?? [];
    return `${crate} ${version ?? "unknown"}`;
  });
  return [...crates, (await started(["rustc", "-V"])).trim()].join(", ");
}

/** Why a program could not be built; nothing when it is there. */
async function build(program: Program): Promise<string | undefined> {
  try {
    const found = program === "umadb" ? { PROTOC: await protocolCompiler() } : {};
    const building = ["cargo", "build", ...TARGET, ...programOf(program)];
    await started([...building, "--ignore-rust-version"], found);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      return "There is no Rust toolchain: no cargo on the PATH";
    if (!(error instanceof ProgramFailure)) throw error;
    const [, reason] = /^error(?:\[\w+\])?: (.*)$/m.exec(error.stderr) ?? [];
    return `Cargo could not build it: ${reason ?? error.message}`;
  }
}

/** UmaDB's build asks for protoc: the one of a crate will do, unless the caller has named one. */
async function protocolCompiler(): Promise<string> {
  const named = process.env["PROTOC"];
  if (named !== undefined) return named;
  return (await started(["cargo", "run", ...TARGET, ...programOf("protoc")])).trim();
}

function programOf(feature: Program | "protoc"): readonly string[] {
  return ["--features", feature, "--bin", feature];
}

function started(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return runProgram(command, {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    limitMs: LONGEST_BUILD_MS,
    stderr: "pipe",
  });
}
