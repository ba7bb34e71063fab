import { concatWith, delay, filter, map, Observable, of, repeat, startWith, timer } from "rxjs";
import type { EntryDraft, Seq } from "../../../src/model/entry.ts";
import type { Writer } from "../../../src/model/Writer.ts";
import type { Sabotage } from "../../../torture/simulate/play.ts";
import type { PlantedFault } from "./PlantedFault.ts";

/** True once, at the nth call. */
function once(nth: number): () => boolean {
  let calls = 0;
  return () => {
    calls += 1;
    return calls === nth;
  };
}

function onWriter(fault: (writer: Writer) => Partial<Writer>): () => Sabotage {
  return () => ({ writer: fault });
}

/** Writers that break a promise now and then. */
export const BROKEN_WRITERS: readonly PlantedFault[] = [
  {
    what: "an entry that is dropped",
    promise: /the log is what was taken/,
    sabotage: () => ({
      writer: (writer) => {
        const isDropped = once(3);
        return { offer: (draft) => isDropped() || writer.offer(draft) };
      },
    }),
  },
  {
    what: "an entry that is written twice",
    promise: /the log is what was taken|accepted rises/,
    sabotage: () => ({
      writer: (writer) => {
        const isDoubled = once(3);
        return {
          offer: (draft) => (isDoubled() && writer.offer(draft), writer.offer(draft)),
        };
      },
    }),
  },
  {
    what: "two entries that change places",
    promise: /the log is what was taken/,
    sabotage: () => ({
      writer: (writer) => {
        let held: EntryDraft | undefined;
        return {
          submissions: {
            next: (draft) => {
              const first = held ?? draft;
              held = held === undefined && draft.topic !== "" ? copyOf(draft) : undefined;
              if (held !== undefined) return;
              writer.submissions.next(draft);
              if (first !== draft) writer.submissions.next(first);
            },
            error: () => {},
            complete: () => {},
          },
        };
      },
    }),
  },
  {
    what: "a payload that is not copied in time",
    promise: /the log is what was taken/,
    sabotage: () => ({
      writer: (writer, scheduler) => ({
        submissions: {
          next: (draft) => void scheduler.schedule(() => writer.submissions.next(draft), 0),
          error: () => {},
          complete: () => {},
        },
      }),
    }),
  },
  {
    what: "a halt that is told twice",
    promise: /a writer halts once/,
    sabotage: onWriter((writer) => ({ halt$: writer.halt$.pipe(repeat(2)) })),
  },
  {
    what: "a halt that is told by nobody",
    promise: /a failure halts|a failure stops|nothing is accepted|every stream/,
    sabotage: onWriter((writer) => ({ halt$: writer.halt$.pipe(filter(() => false)) })),
  },
  {
    what: "a halt that counts too few as lost",
    promise: /a halt counts what may be lost/,
    sabotage: onWriter((writer) => ({
      halt$: writer.halt$.pipe(map((reason) => ({ ...reason, lostEntries: 0 }))),
    })),
  },
  {
    what: "a halt that comes too late",
    promise: /nothing has happened that is a/,
    sabotage: () => ({
      writer: (writer, scheduler) => ({ halt$: writer.halt$.pipe(delay(1, scheduler)) }),
    }),
  },
  {
    what: "a promise that is left pending",
    promise: /is settled|tells its seq/,
    sabotage: () => ({
      writer: (writer) => {
        const isLeft = once(2);
        return {
          append: (draft) => {
            const promise = writer.append(draft);
            return isLeft() ? new Promise<Seq>(() => {}) : promise;
          },
        };
      },
    }),
  },
  {
    what: "an append$ that says nothing of a refusal",
    promise: /is settled/,
    sabotage: onWriter((writer) => ({
      append$: (draft) =>
        draft.topic === "" ? writer.append$(draft) : silentOn(writer.append$(draft)),
    })),
  },
  {
    what: "an append$ that tells at once",
    promise: /tells of it once it is durable|lets an item through once it is durable/,
    sabotage: onWriter((writer) => ({
      append$: (draft) =>
        new Observable((subscriber) => {
          const seq = writer.accepted + 1;
          const appended = writer.append$(draft).subscribe({ error: (e) => subscriber.error(e) });
          subscriber.next(seq);
          return appended;
        }),
    })),
  },
  {
    what: "a rejection that nobody was meant to handle",
    promise: /nothing fails unheard/,
    sabotage: onWriter((writer) => ({
      submit: (draft) => {
        const submitted = writer.submit(draft);
        void submitted.then((seq) => seq);
        return submitted;
      },
    })),
  },
  {
    what: "a draft that is taken after the end",
    promise: /is settled, as refused/,
    sabotage: onWriter((writer) => ({
      append$: (draft) => writer.append$(draft).pipe(orTaken(draft)),
    })),
  },
  {
    what: "a watermark that is one too high",
    promise: /the watermark is durable/,
    sabotage: onWriter((writer) => ({ watermark$: writer.watermark$.pipe(map((seq) => seq + 1)) })),
  },
  {
    what: "a watermark that is told twice",
    promise: /the watermark rises strictly/,
    sabotage: onWriter((writer) => ({ watermark$: writer.watermark$.pipe(startWith(0)) })),
  },
  {
    what: "a watermark that goes on after the end",
    promise: /a stream completes once|every stream completes|the watermark rises/,
    sabotage: onWriter((writer) => ({ watermark$: writer.watermark$.pipe(concatWith(of(1))) })),
  },
  {
    what: "a commit that is not told",
    promise: /no commit is left out/,
    sabotage: onWriter((writer) => ({
      commits$: writer.commits$.pipe(filter((_, index) => index !== 1)),
    })),
  },
  {
    what: "a commit that is not the sum of its batches",
    promise: /a commit is the sum of its batches/,
    sabotage: onWriter((writer) => ({
      commits$: writer.commits$.pipe(
        map((commit) => ({ ...commit, batches: commit.batches.slice(1) })),
      ),
    })),
  },
  {
    what: "pressure that is told too late",
    promise: /stalling is when|from half of the queue on|pressure is told/,
    sabotage: onWriter((writer) => ({
      pressure$: writer.pressure$.pipe(
        map((pressure) => ({ ...pressure, level: "clear" as const })),
      ),
    })),
  },
  {
    what: "a timer that is left",
    promise: /no timer is left/,
    sabotage: () => ({
      writer: (_, scheduler) => {
        timer(1_000_000, scheduler).subscribe();
        return {};
      },
    }),
  },
  {
    what: "a close that never ends",
    promise: /a close that fails says why/,
    sabotage: () => ({
      writer: (writer) => {
        let closing: Promise<never> | undefined;
        return {
          close: () => {
            void writer.close();
            closing ??= new Promise(() => {});
            return closing;
          },
        };
      },
    }),
  },
  {
    what: "an abandon that rejects",
    promise: /abandon resolves/,
    sabotage: onWriter((writer) => ({
      abandon: () => {
        const abandoned = writer.abandon().then(() => Promise.reject(new Error("planted")));
        abandoned.catch(() => {});
        return abandoned;
      },
    })),
  },
];

function copyOf(draft: EntryDraft): EntryDraft {
  const { payload } = draft;
  return { ...draft, payload: typeof payload === "string" ? payload : Buffer.from(payload) };
}

function silentOn(answer$: Observable<Seq>): Observable<Seq> {
  return new Observable((subscriber) =>
    answer$.subscribe({ next: (seq) => subscriber.next(seq), error: () => {} }),
  );
}

/** Tells of a seq where there was a refusal. */
function orTaken(draft: EntryDraft): (answer$: Observable<Seq>) => Observable<Seq> {
  return (answer$) =>
    draft.topic === ""
      ? answer$
      : new Observable((subscriber) =>
          answer$.subscribe({
            next: (seq) => subscriber.next(seq),
            error: () => subscriber.next(1),
          }),
        );
}
