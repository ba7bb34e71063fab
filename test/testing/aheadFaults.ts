import {
  asapScheduler,
  concatMap,
  observeOn,
  from,
  of,
  Subject,
  take,
  tap,
  throwError,
  type ObservableInput,
} from "rxjs";
import type { Ack, Backend, Frame } from "../../src/backends/Backend.ts";
import { LockedError, OutOfOrderError } from "../../src/model/errors.ts";
import type { Sabotage } from "./sabotage.ts";

const LAW =
  "append: does an append that comes ahead after the one before, and fails it where that one fails";
const inTurn = new WeakSet<Backend>();

/** Refuses an append in the turn in which another one was made. */
function alone(backend: Backend, frames: readonly Frame[]): ObservableInput<Ack> {
  if (inTurn.has(backend)) return throwError(() => new LockedError("One at a time"));
  inTurn.add(backend);
  queueMicrotask(() => inTurn.delete(backend));
  return backend.append(frames);
}

/** Acknowledges an append of one turn after the next one. */
function swapped(): (backend: Backend, frames: readonly Frame[]) => ObservableInput<Ack> {
  const second = new Subject<void>();
  return (backend, frames) => {
    const answer = from(backend.append(frames));
    if (frames[0]?.fromSeq !== 1) return answer.pipe(tap({ complete: () => second.next() }));
    return second.pipe(
      take(1),
      concatMap(() => answer),
      observeOn(asapScheduler),
    );
  };
}

/** What can be wrong with appends that come ahead, and the law that notices it. */
export const AHEAD_FAULTS: readonly (readonly [what: string, sabotage: Sabotage, title: string])[] =
  [
    [
      "an append ahead that is refused",
      {
        backend: (backend) => ({ appendsAhead: true, append: (frames) => alone(backend, frames) }),
      },
      LAW,
    ],
    [
      "appends that are acknowledged out of order",
      {
        backend: (backend) => {
          const append = swapped();
          return { appendsAhead: true, append: (frames) => append(backend, frames) };
        },
      },
      LAW,
    ],
    [
      "a third append that is refused for another reason",
      {
        backend: (backend) => ({
          appendsAhead: true,
          append: (frames) =>
            frames[0]?.fromSeq === 3
              ? throwError(() => new OutOfOrderError(3, 2))
              : backend.append(frames),
        }),
      },
      "append: refuses a third append before the first of two is acknowledged, or is done with all",
    ],
    [
      "an append ahead that is acknowledged although the one before has failed",
      {
        backend: (backend) => ({
          appendsAhead: true,
          append: (frames) =>
            frames[0]?.fromSeq === 6 ? of({ toSeq: 6 }) : from(backend.append(frames)),
        }),
      },
      LAW,
    ],
  ];
