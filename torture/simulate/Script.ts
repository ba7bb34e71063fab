import type { TransactionLimits } from "../../src/streams/Transactions.ts";
import type { WriterOptions } from "../../src/model/options.ts";
import type { Fault, FaultKind } from "../../src/testing/Fault.ts";

/** Everything that happens to one simulated writer, as data: it can be printed, played and cut. */
export interface Script {
  readonly writer: Partial<WriterOptions>;
  /** A whole run, whose close writes `RunEnded`; else the bare writer. */
  readonly isRun: boolean;
  /** Time as it is, or one that jumps back and forth. */
  readonly clock: "steady" | "jumping";
  /** Whether the writer is given the scheduler, or finds RxJS's own, virtual as well. */
  readonly hasScheduler: boolean;
  /** What the faultyBackend of tidemark/testing does, where the steps go through it. */
  readonly faulty?: { readonly commitMs: number; readonly faults: readonly Fault[] };
  /** Where transactions end of a backend that takes one append ahead; else it takes none. */
  readonly ahead?: Readonly<Record<keyof TransactionLimits, number>>;
  /** How the backend takes its first, second, … commit or anchor; those beyond are taken at once. */
  readonly plans: readonly Plan[];
  /** How it takes its seal and its close. */
  readonly ends: { readonly seal: Plan; readonly close: Plan };
  readonly steps: readonly Step[];
  /** What is done at last, where the script has not done it. */
  readonly ending: "close" | "abandon";
}

/** How a backend takes one step. */
export interface Plan {
  /** When what was handed over is durable, or would be. */
  readonly landsAfterMs: number;
  /** When the answer comes, after that; both 0: in the call itself. */
  readonly answersAfterMs: number;
  readonly outcome:
    | "done"
    /** Fails and leaves nothing behind. */
    | { readonly fail: FaultKind | "throw" | "no answer" }
    /** What a broken connection does: it is durable, and the answer is a failure. */
    | { readonly landsAndFails: FaultKind }
    | "wrong ack"
    /** It is durable, and no answer comes. */
    | "landed, no word"
    | "nothing at all";
}

/** Done in the call itself. */
export const PROMPT: Plan = { landsAfterMs: 0, answersAfterMs: 0, outcome: "done" };

/** How drafts are handed in. */
export type Verb = "offer" | "submit" | "append" | "append$" | "next";

/** What a caller can do at any moment, inside a subscriber too. */
export type Act =
  | {
      readonly do: "hand in";
      readonly verb: Verb;
      readonly count: number;
      readonly bytes: number;
      readonly isValid: boolean;
    }
  | { readonly do: "push"; readonly gate: number; readonly count: number; readonly bytes: number }
  | {
      readonly do: "end gate";
      readonly gate: number;
      readonly by: "complete" | "error" | "unsubscribe";
    }
  | { readonly do: "unsubscribe"; readonly reactor: number }
  | { readonly do: "anchor" | "close" | "abandon" | "look" | "read" | "throw" };

/** The streams of a writer. */
export type StreamName = "watermark$" | "halt$" | "commits$" | "pressure$";

/** Something that the script does, at a time of its own. */
export type Step = { readonly at: number } & (
  | Act
  | {
      readonly do: "react";
      readonly to: StreamName;
      /** To which of its values, from 1; 0: to its completion. */
      readonly nth: number;
      readonly acts: readonly Act[];
    }
  | {
      readonly do: "open gate";
      readonly operator: "record" | "capture";
      /** Every how many items one goes unrecorded; 0: none. */
      readonly skipsEvery: number;
      /** At which item `toDraft` throws; 0: at none. */
      readonly throwsAt: number;
      /** What is done at the second item that comes through. */
      readonly acts: readonly Act[];
    }
);
