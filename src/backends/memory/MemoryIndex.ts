import type { IndexRow } from "../../format/Frame.ts";
import type { Seq } from "../../model/entry.ts";
import { compareUtf8 } from "./compareUtf8.ts";
import { firstIndexWhere } from "./firstIndexWhere.ts";

const PAGE_KEYS = 1_000;

interface KindIndex {
  readonly seqByKey: Map<string, Seq>;
  /** The keys in order; undefined from a new key until somebody asks for them. */
  sortedKeys: readonly string[] | undefined;
}

/** The first seq that mentioned each key, kind by kind. */
export class MemoryIndex {
  readonly #kinds = new Map<string, KindIndex>();

  /** Keeps the row unless its key is known. */
  add({ kind, key, seq }: IndexRow): void {
    let index = this.#kinds.get(kind);
    if (index === undefined) {
      index = { seqByKey: new Map(), sortedKeys: undefined };
      this.#kinds.set(kind, index);
    }
    if (index.seqByKey.has(key)) return;
    index.seqByKey.set(key, seq);
    index.sortedKeys = undefined;
  }

  lookup(kind: string, key: string): Seq | undefined {
    return this.#kinds.get(kind)?.seqByKey.get(key);
  }

  /** At most 1 000 kinds after the one given, in UTF-8 order. */
  kinds(after?: string): readonly string[] {
    const kinds = [...this.#kinds.keys()].filter(
      (kind) => after === undefined || compareUtf8(kind, after) > 0,
    );
    return kinds.toSorted(compareUtf8).slice(0, PAGE_KEYS);
  }

  /** At most 1 000 keys of a kind after the one given, in UTF-8 order. */
  page(kind: string, after?: string): readonly { readonly key: string; readonly seq: Seq }[] {
    const index = this.#kinds.get(kind);
    if (index === undefined) return [];
    index.sortedKeys ??= [...index.seqByKey.keys()].toSorted(compareUtf8);
    const keys = index.sortedKeys;
    const start =
      after === undefined ? 0 : firstIndexWhere(keys, (key) => compareUtf8(key, after) > 0);
    return keys
      .slice(start, start + PAGE_KEYS)
      .map((key) => ({ key, seq: index.seqByKey.get(key) as Seq }));
  }
}
