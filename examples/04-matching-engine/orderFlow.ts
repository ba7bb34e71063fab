import { Side } from "nodejs-order-book";

/** A new order; without a price it is a market order. Prices and sizes are whole ticks and lots. */
export interface SubmitOrder {
  readonly type: "SubmitOrder";
  /** The command's own id. What it causes names it as causation. */
  readonly id: string;
  /** Of everything that concerns this order: the id of the command that submitted it. */
  readonly correlationId: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly size: number;
  readonly price?: number;
}

export interface CancelOrder {
  readonly type: "CancelOrder";
  readonly id: string;
  readonly correlationId: string;
  readonly clientOrderId: string;
}

export type Command = SubmitOrder | CancelOrder;

const SHARE_OF_CANCELS = 0.25;
const SHARE_OF_MARKET_ORDERS = 0.15;
const START_PRICE = 10_000;
const SPREAD = 20;
/** How many of the latest limit orders may be picked for a cancel. */
const CANCELLABLE = 500;

/** A random flow of commands around a wandering price; the same seed gives the same flow. */
export function* orderFlow(seed: number, count: number): Generator<Command> {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const latest: SubmitOrder[] = [];
  let middle = START_PRICE;

  for (let n = 1; n <= count; n += 1) {
    const id = uuidOf(random);
    if (latest.length > 0 && random() < SHARE_OF_CANCELS) {
      // It may have been filled by now: then the engine will refuse to cancel it.
      const [order] = latest.splice(below(latest.length), 1);
      const { clientOrderId, correlationId } = order!;
      yield { type: "CancelOrder", id, correlationId, clientOrderId };
      continue;
    }
    middle += below(3) - 1;
    const order: SubmitOrder = {
      type: "SubmitOrder",
      id,
      correlationId: id,
      clientOrderId: `O-${n}`,
      side: random() < 0.5 ? Side.BUY : Side.SELL,
      size: 1 + below(50),
    };
    if (random() < SHARE_OF_MARKET_ORDERS) {
      yield order;
      continue;
    }
    // Mostly away from the middle, at times beyond it: then it trades at once.
    const distance = below(SPREAD) - SPREAD / 5;
    const limit = {
      ...order,
      price: order.side === Side.BUY ? middle - distance : middle + distance,
    };
    latest.push(limit);
    if (latest.length > CANCELLABLE) latest.shift();
    yield limit;
  }
}

/** Numbers from 0 up to 1, as `Math.random` gives them, but always the same (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A version 4 UUID. */
export function uuidOf(random: () => number): string {
  const word = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  const hex = word() + word() + word() + word();
  return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, "$1-$2-4$3-a$4-$5");
}
