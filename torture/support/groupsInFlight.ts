import type { Random } from "./Random.ts";

/**
 * So many groups of ten that one large transaction is handed over while another one is committed: they go
 * through memory, and the second is sealed while the disk syncs the first.
 */
const FLOOD = 900;
const FLOODED_PART = 0.1;

/** How many groups a writer has in flight: mostly few. */
export function groupsInFlight(dice: Random): number {
  return dice.chance(FLOODED_PART) ? FLOOD : dice.between(1, 6);
}
