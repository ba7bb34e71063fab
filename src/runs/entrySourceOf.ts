import { firstValueFrom, type Observable, type ObservableInput } from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import { decodeFrame } from "../format/decodeFrame.ts";
import { indexKeysAt } from "../format/indexKeysAt.ts";
import type { Entry, IndexKey, Seq } from "../model/entry.ts";
import { CorruptedError, GapError, InvalidConfigError } from "../model/errors.ts";
import type { SnapshotAnchor } from "../model/manifest.ts";
import { checkInteger, checkText } from "../model/options.ts";
import type { EntryQuery, EntrySource, SnapshotReplayPlan } from "../model/Run.ts";
import { awaited } from "./awaited.ts";
import { checkQuery } from "./checkQuery.ts";
import { pagesOf, type Pages } from "./EntryPages.ts";
import { observe$ } from "./observe.ts";
import { headOf } from "./headerOf.ts";
import { iterate } from "./iterate.ts";
import type { LogSource } from "./LogSource.ts";
import { watermarkNow$ } from "./watermarkNow.ts";

/**
 * Everything that can be asked of a log, over frames: the same for every backend.
 *
 * @param lineage - the pages of a query that goes on into the children of the run, where they can be
 * found.
 */
export function entrySourceOf(
  source: LogSource,
  lineage?: (query: EntryQuery) => Observable<Pages>,
): EntrySource {
  const pages = (query: EntryQuery): (() => Observable<Pages>) => {
    checkQuery(query);
    if (query.followChildren !== true) return () => pagesOf(source, query);
    if (lineage !== undefined) return () => lineage(query);
    throw new InvalidConfigError("followChildren", "absent but on a reader of `readRun`", true);
  };
  const latestSnapshotAnchor = (): Promise<SnapshotAnchor | undefined> =>
    ask(source, (log) => log.latestSnapshotAnchor());
  return {
    entries: (query = {}) => {
      const open = pages(query);
      return { [Symbol.asyncIterator]: () => iterate(open) };
    },
    entries$: (query = {}) => observe$(pages(query)),
    entryAt: (seq) => entryAt(source, seq),
    lookup: (kind, key) => lookup(source, kind, key),
    indexKeys: (kind) => {
      checkText("kind", kind);
      return indexKeysOf(source, kind);
    },
    latestSnapshotAnchor,
    snapshotReplayPlan: async () => {
      // The anchor first: how far the log is after that covers it.
      const anchor = await latestSnapshotAnchor();
      return replayPlanOf(anchor, await firstValueFrom(watermarkNow$(source)));
    },
  };
}

async function entryAt(source: LogSource, seq: Seq): Promise<Entry | undefined> {
  checkInteger("seq", seq, 0, Number.MAX_SAFE_INTEGER);
  if (seq === 0) return ask(source, async () => undefined);
  if (seq <= source.watermark) return storedAt(source, seq);
  // A log that must not be read says so here too.
  const watermark = await ask(source, () => watermarkNow$(source));
  return seq <= watermark ? storedAt(source, seq) : undefined;
}

/** The entry that the log must hold. */
async function storedAt(source: LogSource, seq: Seq): Promise<Entry | undefined> {
  const bytes = await ask(source, (log) => frameWith(source, log, { seq }));
  return decodeFrame(bytes).entryAt(seq);
}

/**
 * What the index says is shown by the head of the entry's frame: an entry that does not carry the key
 * is no answer.
 */
async function lookup(source: LogSource, kind: string, key: string): Promise<Seq | undefined> {
  checkText("kind", kind);
  checkText("key", key);
  return ask(source, async (log) => {
    const seq = await awaited(log.lookup(kind, key));
    if (seq === undefined) return undefined;
    return shownBy(await frameWith(source, log, { seq, headsOnly: true }), { kind, key, seq });
  });
}

function shownBy(head: Uint8Array, claim: IndexKey & { readonly seq: Seq }): Seq {
  const { kind, key, seq } = claim;
  const isShown = indexKeysAt(head, seq)?.some((one) => one.kind === kind && one.key === key);
  if (isShown === true) return seq;
  throw new CorruptedError(`The index says that this entry carries ${kind} ${key}`, seq);
}

/** The frame that the log must hold an entry in. */
async function frameWith(
  source: LogSource,
  log: RunLog,
  { seq, headsOnly = false }: { readonly seq: Seq; readonly headsOnly?: boolean },
): Promise<Uint8Array> {
  source.checkReadable();
  if (log.watermark < seq) {
    await awaited(log.refresh());
    source.checkReadable();
  }
  const [bytes] = await awaited(log.framesFrom(seq, { headsOnly, maxBytes: 1 }));
  if (bytes === undefined) throw new GapError(seq, seq);
  const { fromSeq, toSeq } = headOf(bytes);
  if (fromSeq > seq) throw new GapError(seq, fromSeq - 1);
  if (toSeq < seq) throw new CorruptedError("A frame is not where it belongs", fromSeq);
  return bytes;
}

async function* indexKeysOf(
  source: LogSource,
  kind: string,
): AsyncGenerator<{ readonly key: string; readonly seq: Seq }> {
  let after: string | undefined;
  for (;;) {
    const page = await ask(source, (log) => log.indexKeys(kind, after));
    if (page.length === 0) return;
    yield* page;
    after = page.at(-1)?.key;
  }
}

function replayPlanOf(anchor: SnapshotAnchor | undefined, toSeq: Seq): SnapshotReplayPlan {
  if (anchor === undefined) return { fromSeq: 1, toSeq, isEmpty: toSeq === 0 };
  const { highWatermark } = anchor;
  if (highWatermark > toSeq) {
    throw new CorruptedError(
      `The snapshot anchor ${highWatermark} exceeds the durable watermark ${toSeq}`,
    );
  }
  return { anchor, fromSeq: highWatermark + 1, toSeq, isEmpty: highWatermark === toSeq };
}

async function ask<Answer>(
  source: LogSource,
  question: (log: RunLog) => ObservableInput<Answer>,
): Promise<Answer> {
  const log = await firstValueFrom(source.borrow());
  try {
    source.checkReadable();
    return await awaited(question(log));
  } finally {
    source.giveBack();
  }
}
