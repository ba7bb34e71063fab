import type { Random } from "../support/Random.ts";

/** The items in an order of the dice (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], dice: Random): readonly Item[] {
  const order = [...items];
  for (let n = order.length - 1; n > 0; n -= 1) {
    const other = dice.between(0, n);
    [order[n], order[other]] = [order[other] as Item, order[n] as Item];
  }
  return order;
}
