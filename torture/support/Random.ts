/** Dice that fall the same way for the same seed and case (splitmix64, Steele et al. 2014). */
export class Random {
  #state: bigint;

  constructor(seed: number, caseNumber = 0) {
    this.#state = BigInt.asUintN(64, (BigInt(seed) << 32n) ^ (BigInt(caseNumber) * GOLDEN));
    this.next();
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    this.#state = BigInt.asUintN(64, this.#state + GOLDEN);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
    return Number((z ^ (z >> 31n)) >> 11n) / 2 ** 53;
  }

  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}

const GOLDEN = 0x9e37_79b9_7f4a_7c15n;
