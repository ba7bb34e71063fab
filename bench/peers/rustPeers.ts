import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Peer } from "./Peer.ts";

/** The first build compiles some 300 crates; later ones find everything done. */
const LONGEST_BUILD_MS = 45 * 60_000;
const PROJECT = fileURLToPath(new URL("./rust/", import.meta.url));
/** Where programs lie, whatever the environment says. */
const TARGET = ["--target-dir", "target", "--release", "--quiet", "--locked"] as const;
const run = promisify(execFile);

/** A program of the project, and the feature that builds it. */
type Program = "original" | "redb" | "umadb";

const builds = new Map<Program, Promise<string | undefined>>();

/** The stores written in Rust: built on first use, and left out where there is no toolchain. */
export const rustPeers: readonly Peer[] = [
  rustPeer({
    name: "original",
    program: "original",
    does: "nautilus-event-store over redb at its defaults: one record and one BLAKE3 hash per entry, batches of 100 or 5 ms; single commits without its writer's queue; redb syncs once before it acknowledges",
  }),
  rustPeer({
    name: "original, tuned",
    program: "original",
    options: ["--tuned"],
    does: "The same without its window and with batches of up to 10,000: whatever is queued is committed at once",
  }),
  rustPeer({
    name: "redb",
    program: "redb",
    does: "redb under no event store, one record per entry; no hash but that of its own pages; synced once before the commit returns",
  }),
  rustPeer({
    name: "redb, blob",
    program: "redb",
    options: ["--blob"],
    does: "The same with one record per batch",
  }),
  rustPeer({
    name: "UmaDB",
    program: "umadb",
    does: "Its server with its defaults and its client over loopback, up to 100 entries per request, requests in flight together committed together; no hash, no tag; synced twice before it answers; entries of different requests keep no order",
  }),
];

interface RustPeer extends Pick<Peer, "name" | "does"> {
  readonly program: Program;
  readonly options?: readonly string[];
}

function rustPeer({ name, does, program, options = [] }: RustPeer): Peer {
  return {
    name,
    does,
    async prepare() {
      const building = builds.get(program) ?? build(program);
      builds.set(program, building);
      const why = await building;
      if (why !== undefined) return { why };
      return { command: [`${PROJECT}target/release/${program}`, ...options] };
    },
  };
}

/** Why a program could not be built; nothing when it is there. */
async function build(program: Program): Promise<string | undefined> {
  try {
    const found = program === "umadb" ? { PROTOC: await protocolCompiler() } : {};
    await cargo(["build", ...TARGET, ...programOf(program), "--ignore-rust-version"], found);
    return undefined;
  } catch (error) {
    const { code, stderr = "" } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === "ENOENT") return "There is no Rust toolchain: no cargo on the PATH";
    const [, reason] = /^error(?:\[\w+\])?: (.*)$/m.exec(stderr) ?? [];
    return `Cargo could not build it: ${reason ?? (error as Error).message.split("\n")[0]}`;
  }
}

/** UmaDB's build asks for protoc: the one of a crate will do, unless the caller has named one. */
async function protocolCompiler(): Promise<string> {
  const named = process.env["PROTOC"];
  if (named !== undefined) return named;
  return (await cargo(["run", ...TARGET, ...programOf("protoc")], {})).trim();
}

function programOf(feature: Program | "protoc"): readonly string[] {
  return ["--features", feature, "--bin", feature];
}

async function cargo(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { stdout } = await run("cargo", args, {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    maxBuffer: 64 * 2 ** 20,
    timeout: LONGEST_BUILD_MS,
  });
  return stdout;
}
