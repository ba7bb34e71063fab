import { AsyncSubject, from, map, Observable, of, take } from "rxjs";
import type { Seq } from "../../../src/model/entry.ts";
import type { PlantedFault } from "./PlantedFault.ts";

/** Backends that break what a writer builds on. */
export const BROKEN_BACKENDS: readonly PlantedFault[] = [
  {
    what: "an ack that comes before the commit is durable",
    promise: /the watermark is durable/,
    sabotage: () => ({
      backend: (backend, scheduler) => ({
        append: (frames) => {
          scheduler.schedule(
            () => void from(backend.append(frames)).subscribe({ error: () => {} }),
            1,
          );
          return of({ toSeq: frames.at(-1)?.toSeq ?? 0 });
        },
      }),
    }),
  },
  {
    what: "a close that does not seal",
    promise: /a closed run is sealed/,
    sabotage: () => ({
      backend: (backend) => ({
        seal: (status) => of({ ...backend.manifest, status, highWatermark: backend.watermark }),
      }),
    }),
  },
  {
    what: "batches that land one by one, the second of them not at all",
    promise: /the log is what was taken|the watermark is durable/,
    sabotage: () => ({
      backend: (backend) => ({
        append: (frames) => {
          const answer = new AsyncSubject<{ toSeq: Seq }>();
          from(backend.append(frames.slice(0, 1)))
            .pipe(map(() => ({ toSeq: frames.at(-1)?.toSeq ?? 0 })))
            .subscribe(answer);
          return answer;
        },
      }),
    }),
  },
  {
    what: "a failure that is taken for a success",
    promise: /the watermark is durable|the log is what/,
    sabotage: () => ({
      backend: (backend) => ({
        append: (frames) =>
          from(backend.append(frames)).pipe(
            take(1),
            (answer$) =>
              new Observable((subscriber) =>
                answer$.subscribe({
                  next: (ack) => subscriber.next(ack),
                  error: () => {
                    subscriber.next({ toSeq: frames.at(-1)?.toSeq ?? 0 });
                    subscriber.complete();
                  },
                  complete: () => subscriber.complete(),
                }),
              ),
          ),
      }),
    }),
  },
  {
    what: "an anchor that is pinned one entry too early",
    promise: /an anchor stands/,
    sabotage: () => ({
      backend: (backend) => ({
        recordSnapshotAnchor: (anchor) =>
          anchor.highWatermark === 0
            ? backend.recordSnapshotAnchor(anchor)
            : backend.recordSnapshotAnchor({ ...anchor, highWatermark: anchor.highWatermark - 1 }),
      }),
    }),
  },
];
