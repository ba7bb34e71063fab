import { nodePeers, tidemarkPeer, tidemarkWriterPeer } from "./nodePeers.ts";
import { rustPeers } from "./rustPeers.ts";

/** A peer that is here. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
}

/** Who takes part, and in words what each does, or why it is left out. */
export interface Contenders {
  readonly contenders: readonly Contender[];
  readonly notes: readonly string[];
}

/** Ours and all peers that can be had here; what they need is installed or built on first use. */
export async function allContenders(): Promise<Contenders> {
  const contenders: Contender[] = [];
  const notes: string[] = [];
  for (const peer of [tidemarkPeer, tidemarkWriterPeer, ...nodePeers, ...rustPeers]) {
    const { name, does } = peer;
    const found = await peer.prepare();
    if ("why" in found) {
      notes.push(`${name} is left out: ${found.why}`);
    } else {
      contenders.push({ name, command: found.command });
      notes.push(`${name}: ${does}`);
    }
  }
  return { contenders, notes };
}
