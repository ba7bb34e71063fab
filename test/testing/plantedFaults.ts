import {
  catchError,
  concat,
  defer,
  EMPTY,
  from,
  last,
  map,
  of,
  repeat,
  type Observable,
  type ObservableInput,
} from "rxjs";
import type { Ack, Backend, Frame, RunLog } from "../../src/backends/Backend.ts";
import type { Seq } from "../../src/model/entry.ts";
import type { ErrorCode, TidemarkError } from "../../src/model/errors.ts";
import type { Sabotage } from "./sabotage.ts";

/** An answer with a failure of this code made good. */
function forgiving<T>(
  answer: ObservableInput<T>,
  code: ErrorCode,
  instead: () => T,
): Observable<T> {
  return from(answer).pipe(
    catchError((failure: unknown) => {
      if ((failure as TidemarkError).code === code) return of(instead());
      throw failure;
    }),
  );
}

function lastMentions(backend: Backend): Partial<Backend> {
  const seqs = new Map<string, Seq>();
  return {
    append: (frames) => {
      for (const { kind, key, seq } of frames.flatMap(({ indexRows }) => indexRows)) {
        seqs.set(`${kind}=${key}`, seq);
      }
      return backend.append(frames);
    },
    lookup: (kind, key) => of(seqs.get(`${kind}=${key}`)),
  };
}

function oneByOne(backend: Backend, frames: readonly Frame[]): ObservableInput<Ack> {
  if (frames.length === 0) return backend.append([]);
  return concat(...frames.map((frame) => defer(() => backend.append([frame])))).pipe(last());
}

function sharedPages(log: RunLog): Partial<RunLog> {
  const pages = new Map<string, ObservableInput<readonly Uint8Array[]>>();
  return {
    framesFrom: (seq, options) => {
      const name = JSON.stringify([seq, options]);
      const page = pages.get(name) ?? log.framesFrom(seq, options);
      pages.set(name, page);
      return page;
    },
  };
}

function inOnePlace(log: RunLog): Partial<RunLog> {
  const place = new Uint8Array(2 ** 20);
  return {
    framesFrom: (seq, options) =>
      from(log.framesFrom(seq, options)).pipe(
        map(([first, ...others]) => {
          if (first === undefined || first.length > place.length) return others;
          place.set(first);
          return [place.subarray(0, first.length), ...others];
        }),
      ),
  };
}

function keysInUtf16Order(log: RunLog): Partial<RunLog> {
  return {
    indexKeys: (kind, after) =>
      from(log.indexKeys(kind, after)).pipe(
        map((page) => page.toSorted((a, b) => (a.key < b.key ? -1 : 1))),
      ),
  };
}

function kindsThatLeak(log: RunLog): Partial<RunLog> {
  return {
    indexKeys: (kind, after) =>
      concat(log.indexKeys(kind, after), log.indexKeys(`${kind}b`, after)).pipe(
        last((page) => page.length > 0, []),
      ),
  };
}

/** What is wrong, how it is made wrong, and the test that must notice. */
export const PLANTED_FAULTS: readonly (readonly [
  what: string,
  sabotage: Sabotage,
  noticedBy: string,
])[] = [
  [
    "an index whose last mention wins",
    { backend: lastMentions },
    "index: finds the first seq that mentioned a key",
  ],
  [
    "a gap that is accepted",
    {
      backend: (backend) => ({
        append: (frames) =>
          forgiving(backend.append(frames), "TIDEMARK_OUT_OF_ORDER", () => ({
            toSeq: frames.at(-1)?.toSeq ?? 0,
          })),
      }),
    },
    "append: refuses a frame that does not start behind the watermark",
  ],
  [
    "frames that land one by one",
    { backend: (backend) => ({ append: (frames) => oneByOne(backend, frames) }) },
    "append: lands none of the frames where one leaves a gap",
  ],
  [
    "an append that waits for its subscriber, and repeats for the next",
    { backend: (backend) => ({ append: (frames) => defer(() => backend.append(frames)) }) },
    "append: appends once however often the answer is looked at",
  ],
  [
    "an answer without a value",
    {
      backend: (backend) => ({
        append: (frames) => (frames.length === 0 ? EMPTY : backend.append(frames)),
      }),
    },
    "append: acknowledges an append of nothing at the watermark",
  ],
  [
    "an append that is acknowledged twice",
    {
      backend: (backend) => ({ append: (frames) => from(backend.append(frames)).pipe(repeat(2)) }),
    },
    "append: makes a frame durable and moves the watermark",
  ],
  [
    "a zombie that is not fenced",
    {
      backend: (backend) => ({
        append: (frames) =>
          forgiving(backend.append(frames), "TIDEMARK_FENCED", () => ({ toSeq: 3 })),
      }),
    },
    "lease: fences the writer whose run was recovered",
  ],
  [
    "a recovery that does not raise the epoch",
    {
      lease: (lease) => ({
        recover: async (runId) => {
          const backend = await lease.recover(runId);
          return new Proxy(backend, {
            get: (target, name) => {
              const member: unknown = Reflect.get(target, name);
              return name === "epoch" ? 1 : member;
            },
          });
        },
      }),
    },
    "lease: raises the epoch at every recovery",
  ],
  [
    "a seal that may be repeated",
    {
      backend: (backend) => ({
        seal: (status) =>
          forgiving(backend.seal(status), "TIDEMARK_SEALED", () => backend.manifest),
      }),
    },
    "seal: changes nothing of a sealed run",
  ],
  [
    "an end that is the last tsInit",
    {
      backend: (backend) => ({
        seal: (status) =>
          from(backend.seal(status)).pipe(map((sealed) => ({ ...sealed, endTsInit: 17n }))),
      }),
    },
    "seal: seals as ended, with the last seq and the largest tsInit",
  ],
  [
    "reverse pages that are oldest first",
    {
      log: (log) => ({
        framesFrom: (seq, options) =>
          from(log.framesFrom(seq, options)).pipe(
            map((page) => (options?.reverse === true ? page.toReversed() : page)),
          ),
      }),
    },
    "framesFrom: goes from the frame that holds the seq to older ones in reverse",
  ],
  [
    "pages that start behind the frame that holds the seq",
    { log: (log) => ({ framesFrom: (seq, options) => log.framesFrom(seq + 2, options) }) },
    "framesFrom: starts a page with the frame that holds the seq",
  ],
  [
    "pages that know no bound",
    {
      log: (log) => ({
        framesFrom: (seq, options) => log.framesFrom(seq, { ...options, maxBytes: Infinity }),
      }),
    },
    "framesFrom: ends a page with the frame that reaches maxBytes",
  ],
  [
    "pages that are put where the last one was",
    { log: inOnePlace },
    "framesFrom: gives bytes that stay as they are while further pages are read",
  ],
  [
    "heads that are cut off",
    {
      log: (log) => ({
        framesFrom: (seq, options) =>
          from(log.framesFrom(seq, options)).pipe(
            map((page) =>
              options?.headsOnly === true ? page.map((bytes) => bytes.subarray(0, 160)) : page,
            ),
          ),
      }),
    },
    "framesFrom: gives the start of each frame, up to its head and 56 bytes more, where heads are enough",
  ],
  [
    "pages that a reader shares with the log",
    { log: sharedPages },
    "framesFrom: gives bytes that the reader may change",
  ],
  [
    "index keys in UTF-16 order",
    { log: keysInUtf16Order },
    "index: lists keys in the order of their UTF-8 bytes",
  ],
  [
    "a kind that shows the keys of a longer one",
    { log: kindsThatLeak },
    "index: keeps kinds apart where one is the beginning of another",
  ],
  [
    "an anchor that may go back",
    {
      backend: (backend) => ({
        recordSnapshotAnchor: (anchor) =>
          forgiving(backend.recordSnapshotAnchor(anchor), "TIDEMARK_OUT_OF_ORDER", () => undefined),
      }),
    },
    "anchors: refuses an anchor below the latest",
  ],
  [
    "a reader that never looks again",
    { log: (log) => ({ refresh: () => of(log.watermark) }) },
    "seal: shows a live run to a reader that looks again",
  ],
  [
    "an instance with two holders",
    {
      catalog: (catalog) => ({
        acquire: (instanceId) => catalog.acquire(instanceId).catch(() => catalog.acquire("other")),
      }),
    },
    "lease: gives an instance to one holder at a time",
  ],
  [
    "a log that tells of no change",
    { log: () => ({ changes$: EMPTY }) },
    "follow: tells a reader of each commit and of the seal, where it tells of changes",
  ],
  [
    "runs listed newest first",
    {
      catalog: (catalog) => ({
        list: async (instanceId) => (await catalog.list(instanceId)).toReversed(),
      }),
    },
    "catalog: lists runs oldest first, of one instance or of all",
  ],
  [
    "a running run that is removed",
    { lease: () => ({ remove: async () => undefined }) },
    "catalog: removes no run that is not sealed",
  ],
  [
    "a look-up that forgets keys",
    {
      log: (log) => ({
        lookup: (kind, key) => (key.endsWith("7") ? of(undefined) : log.lookup(kind, key)),
      }),
    },
    "walk: holds what a random walk put in, seed 1",
  ],
];
