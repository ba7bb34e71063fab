import type { Seq } from "../../src/model/entry.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import type { WriterOptions } from "../../src/model/options.ts";
import type { Commit, Pressure } from "../../src/model/Writer.ts";
import type { StreamName, Verb } from "./Script.ts";

/** What a backend is asked for. */
export type BackendStep = "append" | "anchor" | "seal" | "close";

/** The id of what tidemark itself writes; drafts count from 1. */
export const RUN_ENDED_ID = 0;

/** Why something failed; neither where it did not. */
export interface Failure {
  readonly code?: string;
  /** Of a halt: the very object. */
  readonly reason?: HaltReason;
}

/** One thing that was seen from outside; `id` numbers drafts, anchors and items alike. */
export type Sight =
  /** Before the call, with whether the writer would take it. */
  | {
      readonly kind: "handed in";
      readonly id: number;
      readonly verb: Verb | "record" | "capture";
      readonly bytes: number;
      readonly isOpen: boolean;
      readonly isValid: boolean;
      /** The gate that the item came through. */
      readonly gate?: number;
    }
  | { readonly kind: "offered"; readonly id: number; readonly isTaken: boolean }
  /** What a caller heard in the end: a seq, or why not; neither: nothing at all. */
  | ({ readonly kind: "heard"; readonly id: number; readonly seq?: Seq } & Failure)
  | { readonly kind: "anchor"; readonly id: number; readonly isOpen: boolean }
  | { readonly kind: "unrecorded"; readonly id: number; readonly gate: number }
  | { readonly kind: "let through"; readonly id: number; readonly gate: number; readonly seq?: Seq }
  /** Without a code: by its completion. */
  | ({ readonly kind: "gate ended"; readonly gate: number } & Failure)
  /** With the id of the entry that is to be the last, if any. */
  | { readonly kind: "closing"; readonly last: number | undefined; readonly isOpen: boolean }
  | { readonly kind: "abandoning"; readonly isOpen: boolean }
  | ({ readonly kind: "closed"; readonly status?: string; readonly highWatermark?: Seq } & Failure)
  | { readonly kind: "let go"; readonly isResolved: boolean }
  /** The backend is asked, has made something durable, has answered, is given up. */
  | {
      readonly kind: "asked";
      readonly step: BackendStep;
      readonly batches: readonly number[];
      readonly fromSeq: Seq;
    }
  | {
      readonly kind: "landed";
      readonly ids: readonly number[];
      readonly tsPublish: readonly bigint[];
    }
  | { readonly kind: "pinned"; readonly id: number; readonly seq: Seq }
  | { readonly kind: "sealed" }
  | { readonly kind: "answered"; readonly step: BackendStep; readonly failure?: string }
  | { readonly kind: "given up" }
  | { readonly kind: "watermark"; readonly seq: Seq }
  | { readonly kind: "commit"; readonly commit: Commit }
  | { readonly kind: "halt"; readonly reason: HaltReason }
  | { readonly kind: "pressure"; readonly pressure: Pressure }
  | { readonly kind: "completed"; readonly stream: StreamName }
  /** A late subscriber of `watermark$` has its first value. */
  | { readonly kind: "looked"; readonly seq: Seq }
  | { readonly kind: "read"; readonly reader: number; readonly seq: Seq }
  | ({ readonly kind: "read to the end"; readonly reader: number } & Failure)
  | { readonly kind: "timers left"; readonly count: number }
  | { readonly kind: "unhandled"; readonly message: string };

/** When it was seen, and how the plain properties stood then. */
export type Seen = Sight & {
  readonly at: number;
  readonly accepted: Seq;
  readonly watermark: Seq;
};

/** All that was seen of one writer, in order. */
export interface History {
  readonly options: WriterOptions;
  readonly seen: readonly Seen[];
}

/** What was seen, of one kind. */
export type SeenOf<Kind extends Sight["kind"]> = Extract<Seen, { readonly kind: Kind }>;

/** Objects unless a promise holds. */
export type Must = (holds: boolean, promise: string) => void;
