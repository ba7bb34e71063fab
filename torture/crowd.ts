import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Attack, Context, Outcome } from "./Attack.ts";
import { openRun } from "../src/index.ts";
import { Claims } from "./crowd/Claims.ts";
import { Member, type Whom } from "./crowd/Member.ts";
import { INSTANCES } from "./crowd/settings.ts";
import type { MemberSettings } from "./programs/member.ts";
import type { Random } from "./support/Random.ts";
import { Tally } from "./support/Tally.ts";

const MEMBERS = 3;
/** What happens to the crowd in one round. */
const DISTURBANCES = 40;
const LONGEST_PEACE_MS = 120;
/** Processes that outlive their program finish what they do, and end. */
const ORPHANS_END_MS = 10_000;

/** Everybody at once, and nobody spared. */
export const crowd: Attack = {
  name: "crowd",
  does: "processes that all write, recover, read, verify and list at once, killed and stopped",
  unit: "rounds",
  short: 2,
  long: 200,
  missing: () => (process.platform === "linux" ? undefined : "it reads /proc"),
  run: attackByCrowd,
};

async function attackByCrowd(context: Context): Promise<Outcome> {
  const tally = new Tally();
  for (let n = context.from; n < context.from + context.count; n += 1) {
    await playRound(context, n, tally);
    tally.cases += 1;
    context.progress(tally.cases);
  }
  return tally.outcome;
}

async function playRound(context: Context, n: number, tally: Tally): Promise<void> {
  const dice = context.dice(n);
  const round = new Round(context.folder(), dice);
  await round.play();
  for (const breach of await round.breaches()) tally.breach(n, breach);
  for (const [what, by] of round.counts()) tally.add(what, by);
}

class Round {
  readonly #directory: string;
  readonly #dice: Random;
  readonly #claims = new Claims();
  /** In network namespaces of their own they cannot see each other's leases: the epoch must do. */
  readonly #isBlind: boolean;
  readonly #everybody: Member[] = [];
  #present: Member[];

  constructor(directory: string, dice: Random) {
    this.#directory = directory;
    this.#dice = dice;
    this.#isBlind = dice.chance(0.4) && process.getuid?.() === 0;
    this.#present = Array.from({ length: MEMBERS }, () => this.#join());
  }

  async play(): Promise<void> {
    await Promise.all(this.#present.map(({ begun }) => begun));
    for (let n = 0; n < DISTURBANCES; n += 1) {
      await wait(this.#dice.between(0, LONGEST_PEACE_MS));
      this.#disturb();
      this.#present = this.#present.map((member) => (member.hasEnded ? this.#join() : member));
    }
    for (const member of this.#everybody) member.kill();
    await Promise.all(this.#everybody.map(({ heard }) => heard));
  }

  async breaches(): Promise<readonly string[]> {
    const orphans = await this.#orphans();
    await Promise.all(INSTANCES.map((instanceId) => this.#recover(instanceId)));
    return [
      ...this.#everybody.flatMap(({ breaches }) => breaches),
      ...orphans.map((pid) => `process ${pid} outlives its program`),
      ...(await this.#claims.breachesIn(this.#directory, this.#isBlind)),
      ...(await this.#claims.breachesOfControl(this.#directory)),
    ];
  }

  counts(): readonly (readonly [what: string, by: number])[] {
    const said = this.#everybody.flatMap(({ counts }) => counts);
    const names = [...new Set(said)];
    return [
      ...names.map((name) => [name, said.filter((one) => one === name).length] as const),
      ["rounds without leases in common", Number(this.#isBlind)],
      ["members", this.#everybody.length],
      ["runs", this.#claims.runs],
      ["entries claimed", this.#claims.entries],
    ];
  }

  async #recover(instanceId: string): Promise<void> {
    const run = await openRun({ directory: this.#directory, instanceId });
    for (const { runId, status, highWatermark } of run.recovered) {
      this.#claims.claimSealed(`${instanceId}/${runId}`, status, highWatermark);
    }
    await run.close();
  }

  #join(): Member {
    const settings: MemberSettings = {
      directory: this.#directory,
      seed: this.#dice.below(2 ** 31),
      // Where nobody sees a lease, they are to meet in one run.
      ...(this.#isBlind
        ? { instances: INSTANCES.slice(0, 1), longestStayMs: 1_500 }
        : { instances: INSTANCES, longestStayMs: 250 }),
    };
    const member = new Member(settings, this.#claims, {
      allowed: { isBlind: this.#isBlind },
      under: this.#isBlind ? ["unshare", "-n"] : [],
    });
    this.#everybody.push(member);
    return member;
  }

  /**
   * Mostly they are stopped and go on; now and then one dies, or its writer alone. Those who cannot
   * see each other are left alive, to be in each other's way.
   */
  #disturb(): void {
    const member = this.#dice.pick(this.#present);
    const whom = this.#dice.pick<Whom>(["member", "writer", "both"]);
    const roll = this.#dice.next();
    if (roll < 0.08 && !this.#isBlind) member.disturb("member", "SIGKILL");
    else if (roll < 0.2 && !this.#isBlind) member.disturb("writer", "SIGKILL");
    else if (roll < 0.5) member.disturb(whom, "SIGSTOP");
    else for (const one of this.#everybody) one.wake();
  }

  async #orphans(): Promise<readonly number[]> {
    const pids = this.#everybody.flatMap(({ writers }) => writers);
    const end = performance.now() + ORPHANS_END_MS;
    for (;;) {
      const living = pids.filter((pid) => existsSync(`/proc/${pid}`));
      if (living.length === 0 || performance.now() > end) return living;
      await wait(20);
    }
  }
}
