import type { Seq } from "../../model/entry.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import type { Failure } from "./failure.ts";
import type { LogState, OpenLog } from "./LogWriter.ts";

/** The pipe that the writer process answers through: nothing else can print there by mistake. */
export const REPLY_PIPE = 3;
/** The file in memory that large commits come in; open where the parent could make one. */
export const MEMORY_FILE = 4;

/**
 * What the writer process is asked for; first the log is opened, one that was found after a check,
 * and `seal` and `close` are the last. The bytes of frames belong to the process from then on.
 */
export type WriterRequest =
  | { readonly type: "check"; readonly folder: string }
  | ({ readonly type: "open" } & OpenLog)
  | { readonly type: "append"; readonly frames: readonly Uint8Array[] }
  | { readonly type: "anchor"; readonly anchor: SnapshotAnchor }
  | { readonly type: "checkpoint" }
  | { readonly type: "seal" }
  | { readonly type: "close" };

/**
 * What the process answers, once per request and in their order. `refused`: nothing was stored, and
 * it goes on. `failed` is the last thing that it says. `ended`: the environment is closed. `txnid`
 * is the transaction that was made durable: what can be seen beyond it is not yet.
 */
export type WriterReply =
  | { readonly type: "checked" }
  | { readonly type: "opened"; readonly state: LogState; readonly txnid: number }
  | {
      readonly type: "committed";
      readonly toSeq: Seq;
      readonly commitMs: number;
      readonly txnid: number;
    }
  | { readonly type: "anchored"; readonly txnid: number }
  | { readonly type: "checkpointed" }
  | { readonly type: "ended"; readonly state: LogState }
  | { readonly type: "refused" | "failed"; readonly failure: Failure };

/** The type of the answer to each request that is neither refused nor failed. */
export interface Answers {
  readonly check: "checked";
  readonly open: "opened";
  readonly append: "committed";
  readonly anchor: "anchored";
  readonly checkpoint: "checkpointed";
  readonly seal: "ended";
  readonly close: "ended";
}

/** What is expected of the process, as values. */
export const ANSWERS: Answers = {
  check: "checked",
  open: "opened",
  append: "committed",
  anchor: "anchored",
  checkpoint: "checkpointed",
  seal: "ended",
  close: "ended",
};

/** The request of a type. */
export type RequestOf<Type extends WriterRequest["type"]> = Extract<
  WriterRequest,
  { readonly type: Type }
>;

/** The answer to a request of a type. */
export type AnswerTo<Type extends WriterRequest["type"]> = Extract<
  WriterReply,
  { readonly type: Answers[Type] }
>;
