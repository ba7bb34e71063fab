import type { CapturedDraft, Seq } from "../../src/model/entry.ts";

/** Makes what was prepared durable; over when it is. */
type Commit = () => void | Promise<void>;

/** A peer that is handed one batch after the other. */
export interface Store {
  /** What its caller has at hand before the clock starts; what is left to do is the commit. */
  prepare(entries: readonly CapturedDraft[], fromSeq: Seq): Commit;
  /** Where its files hold more than the entries: the bytes of those. Before `close`. */
  storedBytes?(): Promise<number>;
  close(): void | Promise<void>;
}
