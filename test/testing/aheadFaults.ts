import { from, of, throwError, type ObservableInput } from "rxjs";
import type { Ack, Backend, Frame } from "../../src/backends/Backend.ts";
import { LockedError } from "../../src/model/errors.ts";
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
