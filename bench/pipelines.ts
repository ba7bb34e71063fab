import { join } from "node:path";
import { open } from "lmdb";
import { BehaviorSubject, concatMap, type Observable, Subject } from "rxjs";
import type { Backend } from "../src/backends/Backend.ts";
import { lmdbCatalog } from "../src/backends/lmdb/lmdbCatalog.ts";
import { encodeFrame } from "../src/format/encodeFrame.ts";
import { GENESIS, sealFrame } from "../src/format/sealFrame.ts";
import type { CapturedDraft, EntryDraft, Seq } from "../src/model/entry.ts";
import { bufferTimeOrCount } from "../src/operators/bufferTimeOrCount.ts";
import { openWriter } from "../src/streams/openWriter.ts";
import { systemClock } from "../src/streams/systemClock.ts";
import { BATCH_ENTRIES, captured } from "./drafts.ts";
import { BENCH_MANIFEST, rawFileBackend } from "./rawFileBackend.ts";

/** Something that takes drafts and tells how far they are durable. */
export interface Pipeline {
  offer(draft: EntryDraft): boolean;
  readonly accepted: Seq;
  readonly watermark$: Observable<Seq>;
  close(): Promise<void>;
}

/** An LMDB backend with what it takes to let go of it. */
export interface LmdbBackendHandle {
  readonly backend: Backend;
  readonly release: () => Promise<void>;
}

/** A run's backend in LMDB, as `openRun` gets it. */
export async function lmdbBackend(folder: string): Promise<LmdbBackendHandle> {
  const lease = await lmdbCatalog({ directory: folder }).acquire(BENCH_MANIFEST.instanceId);
  const backend = await lease.create(BENCH_MANIFEST);
  return { backend, release: () => lease.release() };
}

/** What we have built: the writer with its defaults over LMDB. */
export async function lmdbPipeline(folder: string): Promise<Pipeline> {
  const { backend, release } = await lmdbBackend(folder);
  return pipelineOver(backend, release);
}

/** The same writer over a plain file that was filled with zeros beforehand. */
export async function rawFilePipeline(folder: string, zeroedBytes: number): Promise<Pipeline> {
  const backend = await rawFileBackend(join(folder, "raw"), { zeroedBytes });
  return pipelineOver(backend, async () => {});
}

function pipelineOver(backend: Backend, release: () => Promise<void>): Pipeline {
  const writer = openWriter(backend);
  return {
    offer: (draft) => writer.offer(draft),
    get accepted() {
      return writer.accepted;
    },
    watermark$: writer.watermark$,
    close: async () => {
      await writer.abandon();
      await release();
    },
  };
}

/**
 * The pipeline as one would write it down: a Subject, a buffer of 5 ms or 100, one `put` per batch,
 * awaited before the next. lmdb is opened as its README says, but for `overlappingSync`: what is
 * compared has to be as durable.
 *
 * @param maxCount - Of entries in a batch.
 */
export function literalPipeline(folder: string, maxCount: number = BATCH_ENTRIES): Pipeline {
  const database = open<Uint8Array, Uint8Array>({
    path: folder,
    encoding: "binary",
    keyEncoding: "binary",
    overlappingSync: false,
  });
  const drafts = new Subject<CapturedDraft>();
  const watermarks = new BehaviorSubject<Seq>(0);
  let accepted: Seq = 0;
  let head = GENESIS;

  const store = async (batch: readonly CapturedDraft[]): Promise<Seq> => {
    const { bytes, fromSeq, toSeq } = encodeFrame(batch, {
      fromSeq: watermarks.value + 1,
      epoch: 1,
    });
    head = sealFrame(bytes, head);
    const key = Buffer.alloc(8);
    key.writeBigUInt64BE(BigInt(fromSeq));
    await database.put(key, bytes);
    return toSeq;
  };
  const stored = drafts
    .pipe(bufferTimeOrCount({ maxWaitMs: 5, maxCount }), concatMap(store))
    .subscribe({
      next: (seq) => watermarks.next(seq),
      error: (failure: unknown) => watermarks.error(failure),
    });
  return {
    offer(draft) {
      accepted += 1;
      drafts.next(captured(draft, systemClock.now()));
      return true;
    },
    get accepted() {
      return accepted;
    },
    watermark$: watermarks.asObservable(),
    close: () => {
      stored.unsubscribe();
      return database.close();
    },
  };
}
