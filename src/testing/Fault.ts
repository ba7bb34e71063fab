import type { Seq } from "../model/entry.ts";

/** How a step fails: as a full disk, as found damage, as anything else, or by a newer writer. */
export type FaultKind = "disk" | "corrupted" | "error" | "fenced";

/** The step takes that much longer, milliseconds of the scheduler. */
export interface Stall {
  readonly stallMs: number;
}

/** The step never settles. */
export interface Hang {
  readonly never: true;
}

/**
 * Something that goes wrong in a {@link faultyBackend}: at the commit that would make `at` durable,
 * or at every anchor or at the seal. A step fails after its stall where it has both.
 */
export type Fault =
  | ({ readonly at: Seq } & ({ readonly fail: FaultKind } | Stall | Hang))
  | ({ readonly on: "anchor" | "seal" } & (
      | { readonly fail: Exclude<FaultKind, "fenced"> }
      | Stall
      | Hang
    ));
