import type { OrderBook } from "nodejs-order-book";
import { concatMap, map, takeUntil, takeWhile, type Observable, type ObservableInput } from "rxjs";
import { CLIENT_ORDER_ID, type EntryDraft, type Run, type RunStreams } from "tidemark";
import { capture, record } from "tidemark/operators";
import { applyCommand, type EngineEvent } from "./engine.ts";
import type { Command } from "./orderFlow.ts";

/** With so many entries on their way to the disk, no further command is taken. */
const MAX_IN_FLIGHT = 500;

export interface SessionConfig {
  readonly run: Run;
  readonly book: OrderBook;
  readonly commands: Iterable<Command>;
  /** Its first value ends the session; what was taken is still carried out. */
  readonly stop$: ObservableInput<unknown>;
  /** Hears how long each command took from submission to durable. */
  readonly onDurable: (durableMs: number) => void;
}

/** Record, then act: a command reaches the book when it is on disk; what it did is recorded too. */
export function session$(config: SessionConfig): Observable<EngineEvent> {
  const { run, book, commands, stop$, onDurable } = config;
  return paced(commands, run).pipe(
    takeUntil(stop$),
    map((command) => ({ command, submittedAt: performance.now() })),
    record(
      run,
      ({ command }) => commandDraft(command),
      ({ command, submittedAt }) => {
        onDurable(performance.now() - submittedAt);
        return command;
      },
    ),
    concatMap((command) => applyCommand(book, command)),
    capture(run, eventDraft),
  );
}

/** Pulls items while there is room: each commit makes some. */
function paced<T>(items: Iterable<T>, run: RunStreams): Observable<T> {
  const iterator = items[Symbol.iterator]();
  return run.watermark$.pipe(
    concatMap(function* () {
      while (run.accepted - run.watermark < MAX_IN_FLIGHT) yield iterator.next();
    }),
    takeWhile((next) => next.done !== true),
    map((next) => next.value),
  );
}

/** The entry of a command: its id is the key by which what it causes finds it. */
export function commandDraft(command: Command): EntryDraft {
  return {
    topic: "exec.command",
    payloadType: command.type,
    payload: JSON.stringify(command),
    headers: { correlationId: command.correlationId },
    indexKeys: [
      { kind: CLIENT_ORDER_ID, key: command.clientOrderId },
      { kind: "messageId", key: command.id },
    ],
  };
}

/** The entry of an event. */
export function eventDraft(event: EngineEvent): EntryDraft {
  const { type, causationId, correlationId, clientOrderId } = event;
  return {
    topic: "exec.event",
    payloadType: type,
    payload: JSON.stringify(event),
    headers: { correlationId, causationId },
    indexKeys: [{ kind: CLIENT_ORDER_ID, key: clientOrderId }],
  };
}
