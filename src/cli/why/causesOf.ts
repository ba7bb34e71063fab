import type { Entry, EntrySource, Seq } from "../../index.ts";
import { ownerOf } from "./causation.ts";

/** Why the chain of causes goes no further up. */
export type ChainEnd =
  | { readonly kind: "root" }
  | { readonly kind: "missing"; readonly causationId: string }
  | { readonly kind: "cycle"; readonly seq: Seq }
  | { readonly kind: "too-deep"; readonly maxDepth: number };

/** The causes of an entry, and where they end. */
export interface Causes {
  /** The furthest one first; the entry itself is not among them. */
  readonly chain: readonly Entry[];
  readonly end: ChainEnd;
}

/** What is needed of a run to look for causes. */
type Source = Pick<EntrySource, "entryAt" | "lookup">;

/** How far up, and by which kind of key. */
interface CausesConfig {
  readonly idKind: string;
  readonly maxDepth: number;
}

/**
 * The causes of an entry: each names the one before it as its causation, and the index knows which
 * entry has that id. Looks at `maxDepth` entries at most.
 */
export async function causesOf(
  entry: Entry,
  source: Source,
  config: CausesConfig,
): Promise<Causes> {
  const { idKind, maxDepth } = config;
  const chain: Entry[] = [];
  const seen = new Set([entry.seq]);
  let top = entry;
  for (;;) {
    const { causationId } = top.headers;
    if (causationId === undefined) return { chain, end: { kind: "root" } };
    const cause = await entryOf(causationId, source, idKind);
    if (cause === undefined) return { chain, end: { kind: "missing", causationId } };
    if (seen.has(cause.seq)) return { chain, end: { kind: "cycle", seq: cause.seq } };
    if (chain.length === maxDepth) return { chain, end: { kind: "too-deep", maxDepth } };
    seen.add(cause.seq);
    chain.unshift(cause);
    top = cause;
  }
}

async function entryOf(id: string, source: Source, idKind: string): Promise<Entry | undefined> {
  const seq = await ownerOf(id, source, idKind);
  return seq === undefined ? undefined : source.entryAt(seq);
}
