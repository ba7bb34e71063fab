import type { OrderBook } from "nodejs-order-book";
import type { CancelOrder, Command, SubmitOrder } from "./orderFlow.ts";

type LimitOrder = NonNullable<ReturnType<OrderBook["order"]>>;

interface Fill {
  /** Of a trade: the order that was in the book. */
  readonly makerOrderId?: string;
  readonly price?: number;
  /** What was traded, or what is left of the order. */
  readonly size?: number;
}

/** What the engine says has happened: a trade for each match, and one result for each command. */
export interface EngineEvent extends Fill {
  readonly type:
    | "Trade"
    | "OrderRested"
    | "OrderFilled"
    | "OrderExpired"
    | "OrderCancelled"
    | "CommandRejected";
  readonly causationId: string;
  readonly correlationId: string;
  readonly clientOrderId: string;
}

/** Applies a command to the book. Deterministic: same book and command, same events. */
export function applyCommand(book: OrderBook, command: Command): readonly EngineEvent[] {
  return command.type === "SubmitOrder" ? submit(book, command) : [cancel(book, command)];
}

/** Everything that rests in the book, in order of price and time, without the times themselves. */
export function stateOf(book: OrderBook): string {
  return JSON.stringify(book.snapshot(), (name, value: unknown) =>
    name === "time" || name === "ts" ? undefined : value,
  );
}

function submit(book: OrderBook, command: SubmitOrder): readonly EngineEvent[] {
  const { clientOrderId, side, size, price } = command;
  const outcome =
    price === undefined
      ? book.market({ side, size })
      : book.limit({ id: clientOrderId, side, size, price });
  if (outcome.err !== null) return [eventOf(command, "CommandRejected")];

  const { partial, partialQuantityProcessed, quantityLeft } = outcome;
  // Both name the incoming order itself too, where it was filled or rests after a match.
  const makers = (outcome.done as LimitOrder[]).filter(({ id }) => id !== clientOrderId);
  if (partial !== null && partial.id !== clientOrderId) {
    makers.push({ ...partial, size: partialQuantityProcessed });
  }
  const trades = makers.map((maker) =>
    eventOf(command, "Trade", { makerOrderId: maker.id, price: maker.price, size: maker.size }),
  );
  if (quantityLeft === 0) return [...trades, eventOf(command, "OrderFilled")];
  const type = price === undefined ? "OrderExpired" : "OrderRested";
  return [...trades, eventOf(command, type, { size: quantityLeft })];
}

function cancel(book: OrderBook, command: CancelOrder): EngineEvent {
  const cancelled = book.cancel(command.clientOrderId);
  return eventOf(command, cancelled === undefined ? "CommandRejected" : "OrderCancelled");
}

function eventOf(command: Command, type: EngineEvent["type"], fill: Fill = {}): EngineEvent {
  const { id, correlationId, clientOrderId } = command;
  return { type, causationId: id, correlationId, clientOrderId, ...fill };
}
