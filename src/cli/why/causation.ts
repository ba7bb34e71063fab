import type { EntrySource } from "../../index.ts";
import type { Entry, Seq } from "../../model/entry.ts";

/** The kind of index key that names an entry itself; what it causes names it as causation. */
export const MESSAGE_ID = "messageId";
/** The characters of a UUID. Another key cannot be a causation id, and need not be remembered. */
const UUID_CHARACTERS = 36;

/** The ids by which other entries can name one as their cause, as UUIDs are written when read. */
export function idsOf({ indexKeys }: Pick<Entry, "indexKeys">, idKind: string): readonly string[] {
  return indexKeys
    .filter(({ kind, key }) => kind === idKind && key.length === UUID_CHARACTERS)
    .map(({ key }) => key.toLowerCase());
}

/**
 * The entry that an id names: of several with the same id, the index knows the first. Keys are text:
 * whoever wrote the id in capitals meant the same UUID.
 */
export async function ownerOf(
  id: string,
  source: Pick<EntrySource, "lookup">,
  idKind: string,
): Promise<Seq | undefined> {
  return (await source.lookup(idKind, id)) ?? source.lookup(idKind, id.toUpperCase());
}
