import type { Context, Figure } from "../Benchmark.ts";
import { figure } from "../harness.ts";
import { nodePeers, tidemarkPeer, tidemarkWriterPeer } from "./nodePeers.ts";
import type { PeerId } from "./Peer.ts";
import { rustPeers } from "./rustPeers.ts";
import { canTrace, syncsPerCommit } from "./syncsPerCommit.ts";

/** Who syncs once for each commit has this many, or a little more, for what comes between commits. */
const MIN_SYNCS = 0.99;

/** A peer that is here. */
export interface Contender {
  readonly id: PeerId;
  readonly name: string;
  readonly command: readonly string[];
  readonly isOurs: boolean;
  /** Not where its commits were seen to be less durable, or nobody could see. */
  readonly isComparable: boolean;
}

/** Who takes part, how often each syncs, and in words what each does, or why it is left out. */
export interface Contenders {
  readonly contenders: readonly Contender[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

/**
 * Ours and all peers that can be had here; what they need is installed or built on first use. Their
 * syncs are counted before anything is compared.
 *
 * @throws where what is ours does not sync, or cannot be counted though others could be.
 */
export async function allContenders({ folder }: Pick<Context, "folder">): Promise<Contenders> {
  const contenders: Contender[] = [];
  const figures: Figure[] = [];
  const notes: string[] = [];
  const isTraced = canTrace();
  if (!isTraced) notes.push("Syncs are not counted: there is no strace here that may trace");
  for (const peer of [tidemarkPeer, tidemarkWriterPeer, ...nodePeers, ...rustPeers]) {
    const { id, name } = peer;
    const found = await peer.prepare();
    if ("why" in found) {
      notes.push(`${name} is left out: ${found.why}`);
      continue;
    }
    const { command, does } = found;
    notes.push(`${name}: ${does}`);
    const isOurs = peer === tidemarkPeer || peer === tidemarkWriterPeer;
    const contender = { id, name, command, isOurs };
    if (!isTraced) {
      contenders.push({ ...contender, isComparable: true });
      continue;
    }
    const syncs = await syncsPerCommit(command, folder);
    const doubt = doubtOf(syncs);
    if (isOurs && doubt !== undefined) throw new Error(`${name}: ${doubt}`);
    if (doubt !== undefined) notes.push(`${name} is in no ratio and no chart: ${doubt}`);
    if (typeof syncs === "number") {
      figures.push(figure(`100 per commit: ${name}, syncs of a commit`, "syncs", [syncs]));
    }
    contenders.push({ ...contender, isComparable: doubt === undefined });
  }
  return { contenders, figures, notes };
}

/** Why commits may be less durable than they seem. */
export function doubtOf(syncs: number | string): string | undefined {
  if (typeof syncs === "string") return syncs;
  return syncs < MIN_SYNCS ? `a commit has only ${syncs.toFixed(2)} syncs` : undefined;
}
