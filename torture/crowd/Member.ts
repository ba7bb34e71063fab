import { ChildProgram, type Ending } from "../support/ChildProgram.ts";
import { writerPids } from "../../test/support/writerPids.ts";
import type { MemberSettings } from "../programs/member.ts";
import type { Claims } from "./Claims.ts";

interface Said {
  readonly run: string;
  readonly watermark: number;
  readonly status: string;
  readonly kind: string;
  readonly what: string;
  readonly doing: string;
  readonly code: string;
  readonly message: string;
}

/** What may be said of each kind of trouble, beyond what a healthy run is told. */
export interface Allowed {
  /** Two members can hold one lease: they are in network namespaces of their own. */
  readonly isBlind: boolean;
}

/** What a writer may halt with that is stopped, or whose own process is killed under it. */
const DISTURBED_HALTS: ReadonlySet<string> = new Set([
  "backpressure-stall",
  "commit-stall",
  "backend-error",
]);
/** What a program is told that opens while its own writer process is killed, or while one is stopped. */
const DISTURBED_FAILURES: ReadonlySet<string> = new Set(["TIDEMARK_BACKEND", "TIDEMARK_HALTED"]);
const FENCED_FAILURES: ReadonlySet<string> = new Set(["TIDEMARK_FENCED", "TIDEMARK_SEALED"]);

export type Whom = "member" | "writer" | "both";

/** One process of the crowd, with the writer process that it may have. */
export class Member {
  readonly child: ChildProgram;
  readonly breaches: string[] = [];
  readonly counts: string[] = [];
  /** It has said something: until then it only starts, or it has ended. */
  readonly begun: Promise<void>;
  /** Everything that it said was heard. */
  readonly heard: Promise<Ending>;
  readonly #claims: Claims;
  readonly #allowed: Allowed;
  readonly #stopped = new Set<number>();
  readonly #writers = new Set<number>();
  #isDisturbed = false;
  #isKilled = false;
  #hasEnded = false;
  #begin: () => void = () => {};

  constructor(
    settings: MemberSettings,
    claims: Claims,
    { allowed, under }: { readonly allowed: Allowed; readonly under: readonly string[] },
  ) {
    this.#claims = claims;
    this.#allowed = allowed;
    this.child = new ChildProgram("member", [JSON.stringify(settings)], { under });
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.heard = this.#hear();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The writer processes that it ever had, as far as they were seen. */
  get writers(): readonly number[] {
    return [...this.#writers];
  }

  disturb(whom: Whom, signal: NodeJS.Signals): void {
    this.#isDisturbed = true;
    const member = this.child.process.pid ?? 0;
    const writer = writerPids(member)[0];
    if (writer !== undefined) this.#writers.add(writer);
    if (whom !== "writer") this.#signal(member, signal, "member");
    if (whom !== "member" && writer !== undefined) this.#signal(writer, signal, "writer");
  }

  /** Lets everything of it go on that was stopped. */
  wake(): void {
    for (const pid of this.#stopped) signalTo(pid, "SIGCONT");
    this.#stopped.clear();
  }

  /** The end of the round: it stops where it is, as at a kill of everything. */
  kill(): void {
    this.wake();
    this.disturb("member", "SIGKILL");
  }

  #signal(pid: number, signal: NodeJS.Signals, who: "member" | "writer"): void {
    signalTo(pid, signal);
    this.counts.push(`${signal} to a ${who}`);
    if (signal === "SIGSTOP") this.#stopped.add(pid);
    if (signal === "SIGKILL" && who === "member") this.#isKilled = true;
  }

  async #hear(): Promise<Ending> {
    for await (const line of this.child.lines) {
      this.#begin();
      const [word = "", json = "{}"] = line.split(/ (.*)/s);
      const said = parsed(json);
      // A kill may cut the last line: then it was not said.
      if (said !== undefined) this.#take(word, said);
    }
    const ending = await this.child.ended;
    this.#hasEnded = true;
    this.#begin();
    const isAsked = ending.exit === 0 || (this.#isKilled && ending.exit === "SIGKILL");
    if (!isAsked) this.breaches.push(`a member ended by ${ending.exit}: ${ending.stderr}`);
    return ending;
  }

  #take(word: string, said: Said): void {
    const which = { halt: said.kind, failed: said.code }[word];
    this.counts.push(which === undefined ? word : `${word}: ${which}`);
    switch (word) {
      case "open":
      case "ack":
      case "seen":
        return this.#claims.claim(said.run, said.watermark);
      case "sealed":
        return this.#claims.claimSealed(said.run, said.status, said.watermark);
      case "halt":
        return this.#allow(this.#mayHalt(said.kind), `halted: ${said.kind}`);
      case "failed":
        return this.#allow(
          this.#mayFail(said),
          `${said.doing} failed: ${said.code} ${said.message}`,
        );
      case "wrong":
        return this.#allow(false, `${said.run}: ${said.what}`);
      default:
    }
  }

  #mayHalt(kind: string): boolean {
    return kind === "fenced"
      ? this.#allowed.isBlind
      : this.#isDisturbed && DISTURBED_HALTS.has(kind);
  }

  #mayFail({ doing, code }: Said): boolean {
    if (doing !== "write") return false;
    if (this.#allowed.isBlind && FENCED_FAILURES.has(code)) return true;
    return this.#isDisturbed && DISTURBED_FAILURES.has(code);
  }

  #allow(isAllowed: boolean, what: string): void {
    if (!isAllowed) this.breaches.push(what);
  }
}

function parsed(json: string): Said | undefined {
  try {
    return JSON.parse(json) as Said;
  } catch {
    return undefined;
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
