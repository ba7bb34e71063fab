import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inTemporaryFolder } from "./temporaryFolder.ts";
import { SOURCE_FLAGS } from "../../support/nodeFlags.ts";

const test = suite("acknowledgement and sync");
const ENTRIES = 20;
const SATURATING_ENTRIES = 40_000;
const PROGRAMS = path.resolve("test/support/programs");

interface Call {
  readonly text: string;
  readonly hasReturned: boolean;
}

/** What the trace shows of one system call that has returned. */
type Event =
  | { readonly kind: "pages" | "zeros" | "sync" | "write-through" }
  | { readonly kind: "ack"; seq: number };

if (spawnSync("strace", ["--version"]).status !== 0) {
  console.log("Skipped: what is told follows its syncs (there is no strace here)");
} else {
  let trace = "";
  test.before(async () => {
    await inTemporaryFolder(async (folder) => {
      trace = traceOf(folder, "appendAndSay", ENTRIES);
    });
  });

  test("an acknowledgement never precedes the sync of its commit, which is the only one", () => {
    const events = eventsOf(trace);
    assert.is(events.filter(({ kind }) => kind === "ack").length, ENTRIES);
    assert.is(events.filter(({ kind }) => kind === "write-through").length, 0);
    let unsynced = new Set<Event["kind"]>();
    let [commits, before] = [0, 0];
    for (const event of events) {
      if (event.kind === "sync") {
        // What is no commit has written zeros ahead.
        assert.ok(unsynced.size > 0, "a sync of nothing");
        if (unsynced.has("pages")) commits += 1;
        unsynced = new Set();
      } else if (event.kind !== "ack") unsynced.add(event.kind);
      else {
        assert.not(unsynced.has("pages"), `seq ${event.seq} was acknowledged unsynced`);
        // Each entry is a commit of its own here.
        if (before > 0) assert.is(commits, before + 1);
        before = commits;
      }
    }
  });

  test("nor when many are handed over ahead, and sealed while the disk syncs", async () => {
    await inTemporaryFolder(async (folder) => {
      // Pages that take their time, so that the next transaction is there when they are to be synced.
      const slowly = ["-e", "inject=pwrite64:delay_exit=5000"];
      const saturated = traceOf(folder, "offerAndSay", SATURATING_ENTRIES, slowly);
      const writers = threadsOf(saturated, /(?:pwrite64|writev)\(\d+<[^>]*data\.mdb>/);
      assert.ok(isReadWhileSyncing(saturated), "no request was read while the disk synced");
      const syncers = threadsOf(saturated, /fdatasync\(\d+<[^>]*data\.mdb>/);
      assert.is(writers.size, 1);
      assert.ok(
        [...syncers].some((thread) => !writers.has(thread)),
        "each sync was waited for",
      );
      let [acks, commits, hasPages] = [0, 0, false];
      for (const event of eventsOf(saturated)) {
        if (event.kind === "pages") hasPages = true;
        else if (event.kind === "sync") {
          if (hasPages) commits += 1;
          hasPages = false;
        } else if (event.kind === "ack" && event.seq > 0) {
          acks += 1;
          // The first commit is that of the opening.
          assert.ok(commits > acks, `seq ${event.seq} was acknowledged unsynced`);
        }
      }
      assert.ok(acks >= SATURATING_ENTRIES / 5_000, `${acks} commits`);
    });
  });

  test("a run is created and sealed with a sync of the manifest behind that of its folder", () => {
    const replaced = trace.split(/rename\("[^"]*manifest\.json\.tmp"/).slice(1);
    assert.is(replaced.length, 2);
    for (const behind of replaced) {
      const synced = [...behind.matchAll(/fsync\(\d+<([^>]*)>/g)].map(([, file = ""]) => file);
      const [first = "", second = ""] = synced;
      assert.is(second, path.join(first, "manifest.json"), "an xfs that is down was believed");
    }
  });
}

function traceOf(
  folder: string,
  program: string,
  entries: number,
  options: readonly string[] = [],
): string {
  const trace = path.join(folder, "trace");
  const calls = "trace=openat,fdatasync,fsync,pwrite64,writev,write,rename,read";
  const strace = ["-f", "-y", "-e", calls, ...options, "-o", trace];
  const node = [process.execPath, ...SOURCE_FLAGS];
  const what = [path.join(PROGRAMS, `${program}.ts`), path.join(folder, "runs"), String(entries)];
  const child = spawnSync("strace", [...strace, ...node, ...what], { encoding: "utf8" });
  assert.is(child.status, 0, child.stderr);
  return readFileSync(trace, "utf8");
}

/** The syncs of data.mdb and the acknowledgements: the ones when they return, the others when begun. */
function eventsOf(trace: string): Event[] {
  const events: Event[] = [];
  const calls = [...callsOf(trace)];
  const metaFile = dsyncFileOf(calls);
  for (const { text, hasReturned } of calls) {
    const ack = /write\(1<[^>]*>, "ACK (\d+)\\n"/.exec(text);
    if (ack !== null && !text.includes("resumed>")) {
      events.push({ kind: "ack", seq: Number(ack[1]) });
    }
    if (!hasReturned) continue;
    if (/fdatasync\(\d+<[^>]*data\.mdb>/.test(text)) events.push({ kind: "sync" });
    if (/^write\(\d+<[^>]*data\.mdb>/.test(text)) events.push({ kind: "zeros" });
    if (text.startsWith(`pwrite64(${metaFile}<`)) events.push({ kind: "write-through" });
    else if (/^(?:pwrite64|writev)\(\d+<[^>]*data\.mdb>/.test(text)) events.push({ kind: "pages" });
  }
  return events;
}

/** Whether a thread has read its standard input, a pipe, between the begin of a sync and its end. */
function isReadWhileSyncing(trace: string): boolean {
  return trace
    .split(/fdatasync\(\d+<[^>]*data\.mdb> <unfinished/)
    .slice(1)
    .some((behind) => / read\(0</.test(behind.split("fdatasync resumed")[0] ?? ""));
}

/** Who has made a system call. */
function threadsOf(trace: string, call: RegExp): ReadonlySet<string> {
  const lines = trace.split("\n").filter((line) => call.test(line));
  return new Set(lines.map((line) => line.trim().split(/\s+/)[0] ?? ""));
}

/** Each line of the trace; one that ends a call begins with what the call was. */
function* callsOf(trace: string): Generator<Call> {
  const unfinished = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const [thread = "", ...rest] = line.trim().split(/\s+/);
    const text = rest.join(" ");
    if (text.includes("<unfinished")) unfinished.set(thread, text);
    const start = text.includes("resumed>") ? (unfinished.get(thread) ?? "") : "";
    yield { text: start + text, hasReturned: /= \d+(?: \(DELAYED\))?$/.test(text) };
  }
}

/** The number of the file that LMDB opened to write its meta pages through to the disk. */
function dsyncFileOf(calls: readonly Call[]): string {
  const numbers = calls.flatMap(
    ({ text }) => /^openat\(.*data\.mdb".*O_DSYNC.*= (\d+)</.exec(text)?.[1] ?? [],
  );
  assert.is(numbers.length, 1, "data.mdb was opened once for writing through");
  return numbers[0] ?? "";
}

test.run();
