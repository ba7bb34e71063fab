import type { Sabotage } from "../../../torture/simulate/play.ts";

/** Something broken in a writer or under it, and the promise that it breaks. */
export interface PlantedFault {
  readonly what: string;
  readonly promise: RegExp;
  /** Made anew for each life. */
  readonly sabotage: () => Sabotage;
}
