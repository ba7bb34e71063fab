import type { Seq } from "../../model/entry.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import type { Failure } from "./failure.ts";
import type { LogState, OpenMode } from "./LogWriter.ts";

/** What a writer thread is started with. It answers once it is open, then once per request. */
export interface WriterThreadData {
  readonly folder: string;
  readonly mode: OpenMode;
}

/**
 * What the thread is asked for. The bytes of frames are handed over, not copied; as bare buffers,
 * since a view beside each costs half as much again.
 */
export type WriterRequest =
  | { readonly type: "append"; readonly frames: readonly ArrayBuffer[] }
  | { readonly type: "anchor"; readonly anchor: SnapshotAnchor }
  | { readonly type: "seal" }
  | { readonly type: "close" };

/**
 * What the thread answers, in the order of the requests. `refused`: nothing was stored, and the
 * thread goes on. `failed` is the last thing that it says. `ended`: the environment is closed.
 */
export type WriterReply =
  | { readonly type: "opened"; readonly state: LogState }
  | { readonly type: "committed"; readonly toSeq: Seq; readonly commitMs: number }
  | { readonly type: "anchored" }
  | { readonly type: "ended"; readonly state: LogState }
  | { readonly type: "refused" | "failed"; readonly failure: Failure };
