import type { Entry } from "../../index.ts";
import { idsOf } from "./causation.ts";

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
 * ids of the entries in the tree, and nothing of the others.
 */
export class Consequences {
  readonly root: Consequence;
  readonly #config: ConsequencesConfig;
  readonly #byId = new Map<string, { readonly node: Consequence; readonly depth: number }>();
  #entries = 0;
  /** Consequences that are left out: of an entry in the tree, but too deep or too many. */
  leftOut = 0;

  constructor(entry: Entry, config: ConsequencesConfig) {
    this.#config = config;
    this.root = { entry: shownOf(entry), consequences: [] };
    this.#remember(entry, this.root, 0);
  }

  /** Whether any entry could be a consequence at all. */
  get isNameable(): boolean {
    return this.#byId.size > 0;
  }

  /** The next entry of the run. */
  add(entry: Entry): void {
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
    this.#remember(entry, node, cause.depth + 1);
  }

  #remember(entry: Entry, node: Consequence, depth: number): void {
    for (const id of idsOf(entry, this.#config.idKind)) {
      // The first entry with an id has it, as in the index.
      if (!this.#byId.has(id)) this.#byId.set(id, { node, depth });
    }
  }
}

/** What the tree keeps of an entry. */
export function shownOf(entry: Entry): ShownEntry {
  const { seq, tsInit, tsPublish, topic, payloadType, headers } = entry;
  return { seq, tsInit, tsPublish, topic, payloadType, headers };
}
