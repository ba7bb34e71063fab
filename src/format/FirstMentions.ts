import type { Seq } from "../model/entry.ts";
import type { IndexRow } from "./Frame.ts";

/** Collects index keys: each one once, with the seq that came with it first. */
export class FirstMentions {
  /** In the order in which they came. */
  readonly rows: IndexRow[] = [];
  readonly #keysByKind = new Map<string, Set<string>>();

  add(kind: string, key: string, seq: Seq): void {
    let keys = this.#keysByKind.get(kind);
    if (keys === undefined) {
      keys = new Set();
      this.#keysByKind.set(kind, keys);
    }
    if (keys.has(key)) return;
    keys.add(key);
    this.rows.push({ kind, key, seq });
  }
}
