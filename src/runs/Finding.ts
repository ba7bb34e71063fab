import type { Seq } from "../model/entry.ts";

/** One thing that is wrong with a run. */
export type Finding =
  | {
      readonly kind: "hash-mismatch" | "undecodable";
      readonly seq: Seq;
      readonly reason?: string;
    }
  | { readonly kind: "gap"; readonly from: Seq; readonly to: Seq }
  | { readonly kind: "seq-mismatch"; readonly storedAt: Seq; readonly seq: Seq }
  | { readonly kind: "chain-broken"; readonly seq: Seq }
  | {
      readonly kind: "index-drift";
      readonly indexKind: string;
      readonly key: string;
      /** Where its row leads; absent where there is none that can be read. */
      readonly storedSeq?: Seq;
      /** The first entry that carries it; absent where none does, or the one it leads to is damaged. */
      readonly expectedSeq?: Seq;
    }
  | {
      readonly kind: "anchor-invalid" | "manifest-mismatch" | "structure" | "rolled-back";
      readonly reason: string;
    };
