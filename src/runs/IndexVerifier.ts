import { setImmediate } from "node:timers/promises";
import type { RunLog } from "../backends/Backend.ts";
import type { IndexRow } from "../format/Frame.ts";
import type { Entry, IndexKey, Seq } from "../model/entry.ts";
import { CorruptedError } from "../model/errors.ts";
import { awaited } from "./awaited.ts";
import type { Finding } from "./Finding.ts";
import { FrameVerifier } from "./FrameVerifier.ts";
import { indexRowsIn } from "./indexRowsIn.ts";
import { readFrames } from "./readFrames.ts";
import { soundEntryAt } from "./soundEntryAt.ts";

/** Keys that are known to be judged: some MB, and most keys are mentioned again soon or never. */
const MAX_RECENT_KEYS = 20_000;
/** Keys that are known to be wrong, and remembered: with as many the index is judged no further. */
const MAX_WRONG_KEYS = 100_000;
/** Look-ups between two turns of the event loop that others have. */
const LOOKUPS_PER_TURN = 100;

/**
 * Compares the index of a log with what its entries mention, in bounded memory: the index is not
 * built anew. Each mention is looked up, and must be where its row leads, or behind it. So each right
 * row is met exactly once, and rows that nothing has led to are seen by counting: only where there
 * are more rows than were met, each of them is followed to its entry.
 */
export class IndexVerifier {
  readonly #log: RunLog;
  readonly #find: (finding: Finding) => void;
  /** A log that is being written gets new rows; those up to here stay. */
  readonly #watermark: Seq;
  /** At the start: one that is sealed meanwhile has got rows beyond the watermark, too. */
  readonly #isSealed: boolean;
  #recent = new Set<string>();
  #lessRecent = new Set<string>();
  /** The keys of the findings. */
  readonly #told = new Set<string>();
  #rowsMet = 0;
  #lookups = 0;

  constructor(log: RunLog, find: (finding: Finding) => void) {
    this.#log = log;
    this.#find = find;
    this.#watermark = log.watermark;
    this.#isSealed = log.manifest.status !== "running";
  }

  /** Checks what a frame mentions; frames come in order. */
  async check(mentions: readonly IndexRow[]): Promise<void> {
    for (const mention of mentions) {
      if (this.#isGivenUp) return;
      const id = idOf(mention);
      if (!this.#isRecent(id) && !this.#told.has(id)) await this.#checkMention(mention);
    }
  }

  /** Every frame has been seen: finds the rows that none of them mentions. @throws {@link CorruptedError} */
  async end(): Promise<void> {
    if (this.#isGivenUp) return;
    let rows = 0;
    for await (const { seq } of indexRowsIn(this.#log)) {
      if (this.#isJudged(seq)) rows += 1;
    }
    if (rows !== this.#rowsMet) await this.#followRows();
  }

  async #checkMention(mention: IndexRow): Promise<void> {
    const { kind, key, seq } = mention;
    this.#lookups += 1;
    if (this.#lookups % LOOKUPS_PER_TURN === 0) await setImmediate();
    const stored = await this.#lookup(kind, key);
    if (stored !== undefined && stored <= seq) {
      // One that leads further back has been met there, or is followed at the end.
      if (stored === seq) this.#rowsMet += 1;
      return;
    }
    if (stored !== undefined && this.#isJudged(stored)) this.#rowsMet += 1;
    this.#tell(mention, { ...(stored && { storedSeq: stored }), expectedSeq: seq });
  }

  async #followRows(): Promise<void> {
    const wrong = new Map<string, IndexRow>();
    for await (const row of indexRowsIn(this.#log)) {
      if (this.#told.size + wrong.size >= MAX_WRONG_KEYS) break;
      const id = idOf(row);
      if (!this.#isJudged(row.seq) || this.#told.has(id)) continue;
      const entry = await soundEntryAt(this.#log, row.seq);
      if (entry === undefined) this.#tell(row, { storedSeq: row.seq });
      else if (!carries(entry, row)) wrong.set(id, row);
    }
    if (wrong.size === 0) return;
    const expected = await this.#firstMentions(wrong);
    for (const [id, row] of wrong) {
      const expectedSeq = expected.get(id);
      this.#tell(row, { storedSeq: row.seq, ...(expectedSeq && { expectedSeq }) });
    }
  }

  /** Where keys are mentioned first, by another walk through the frames, of which all is told. */
  async #firstMentions(keys: ReadonlyMap<string, unknown>): Promise<ReadonlyMap<string, Seq>> {
    const first = new Map<string, Seq>();
    await readFrames(this.#log, new FrameVerifier(() => undefined), {
      find: () => undefined,
      onRows: async (mentions) => {
        for (const mention of mentions) {
          const id = idOf(mention);
          if (keys.has(id) && !first.has(id)) first.set(id, mention.seq);
        }
      },
    });
    return first;
  }

  #isJudged(seq: Seq): boolean {
    return seq <= this.#watermark || this.#isSealed;
  }

  /** A row that is damaged is as good as none. */
  async #lookup(kind: string, key: string): Promise<Seq | undefined> {
    try {
      return await awaited(this.#log.lookup(kind, key));
    } catch (failure) {
      if (failure instanceof CorruptedError) return undefined;
      throw failure;
    }
  }

  #tell(
    { kind, key }: IndexKey,
    seqs: { readonly storedSeq?: Seq; readonly expectedSeq?: Seq },
  ): void {
    this.#told.add(idOf({ kind, key }));
    this.#find({ kind: "index-drift", indexKind: kind, key, ...seqs });
    if (!this.#isGivenUp) return;
    const reason = `The index is wrong in ${MAX_WRONG_KEYS} keys, and is judged no further`;
    this.#find({ kind: "structure", reason });
  }

  get #isGivenUp(): boolean {
    return this.#told.size >= MAX_WRONG_KEYS;
  }

  /** Whether a key was judged lately; now it is. */
  #isRecent(id: string): boolean {
    if (this.#recent.has(id)) return true;
    const isKnown = this.#lessRecent.has(id);
    this.#recent.add(id);
    if (this.#recent.size >= MAX_RECENT_KEYS / 2) {
      this.#lessRecent = this.#recent;
      this.#recent = new Set();
    }
    return isKnown;
  }
}

/** NUL is in no kind and in no key. */
function idOf({ kind, key }: IndexKey): string {
  return `${kind}\0${key}`;
}

function carries({ indexKeys }: Entry, { kind, key }: IndexKey): boolean {
  return indexKeys.some((one) => one.kind === kind && one.key === key);
}
