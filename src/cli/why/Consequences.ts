import type { Entry, EntrySource } from "../../index.ts";
import { idsOf, ownerOf } from "./causation.ts";

/** An entry in the tree, without its payload. */
export interface Consequence {
  readonly entry: ShownEntry;
  readonly consequences: Consequence[];
}

/** What is shown of an entry. */
export type ShownEntry = Pick<
  Entry,
  "seq" | "tsInit" | "tsPublish" | "topic" | "payloadType" | "headers"
>;

/** What knows whose an id is. */
type IdSource = Pick<EntrySource, "lookup">;

/** The bounds of the tree. */
export interface ConsequencesConfig {
  readonly idKind: string;
  /** Generations below the entry. */
  readonly maxDepth: number;
  /** Entries in the tree, those that are left out only counted. */
  readonly maxEntries: number;
}

/**
 * Finds the consequences of an entry among those that come after it, in one pass. It remembers the
 * ids of the entries in the tree, and nothing of the others. An id that an earlier entry has, too,
 * is not theirs: the index knows whose it is.
 */
export class Consequences {
  readonly root: Consequence;
  readonly #source: IdSource;
  readonly #config: ConsequencesConfig;
  readonly #byId = new Map<string, { readonly node: Consequence; readonly depth: number }>();
  #entries = 0;
  /** Consequences that are left out: of an entry in the tree, but too deep or too many. */
  leftOut = 0;

  private constructor(entry: Entry, source: IdSource, config: ConsequencesConfig) {
    this.#source = source;
    this.#config = config;
    this.root = { entry: shownOf(entry), consequences: [] };
  }

  /** Those of one entry, none of them found yet. */
  static async of(
    entry: Entry,
    source: IdSource,
    config: ConsequencesConfig,
  ): Promise<Consequences> {
    const consequences = new Consequences(entry, source, config);
    await consequences.#remember(entry, consequences.root, 0);
    return consequences;
  }

  /** Whether any entry could be a consequence at all. */
  get isNameable(): boolean {
    return this.#byId.size > 0;
  }

  /** The next entry of the run. */
  async add(entry: Entry): Promise<void> {
    const { causationId } = entry.headers;
    const cause = causationId === undefined ? undefined : this.#byId.get(causationId);
    if (cause === undefined) return;
    const { maxDepth, maxEntries } = this.#config;
    if (cause.depth === maxDepth || this.#entries === maxEntries) {
      this.leftOut += 1;
      return;
    }
    this.#entries += 1;
    const node: Consequence = { entry: shownOf(entry), consequences: [] };
    cause.node.consequences.push(node);
    await this.#remember(entry, node, cause.depth + 1);
  }

  async #remember(entry: Entry, node: Consequence, depth: number): Promise<void> {
    const { idKind } = this.#config;
    for (const id of idsOf(entry, idKind)) {
      const owner = await ownerOf(id, this.#source, idKind);
      if (owner === entry.seq) this.#byId.set(id, { node, depth });
    }
  }
}

/** What the tree keeps of an entry. */
export function shownOf(entry: Entry): ShownEntry {
  const { seq, tsInit, tsPublish, topic, payloadType, headers } = entry;
  return { seq, tsInit, tsPublish, topic, payloadType, headers };
}
