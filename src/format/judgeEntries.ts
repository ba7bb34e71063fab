import type { Seq } from "../model/entry.ts";
import { CorruptedError, TidemarkError } from "../model/errors.ts";
import { checkHash } from "./checkEntries.ts";
import { EntryCursor } from "./EntryCursor.ts";
import { FirstMentions } from "./FirstMentions.ts";
import type { IndexRow } from "./Frame.ts";
import type { FrameHeader } from "./frameHeader.ts";
import { FrameHashes } from "./FrameHashes.ts";
import { AT_TS_INIT } from "./frameLayout.ts";
import { isThere } from "./hashUse.ts";
import { IndexKeyCursor } from "./IndexKeyCursor.ts";
import { OpenFrame } from "./OpenFrame.ts";

/** An entry that is not what was sealed. */
interface EntryDamage {
  readonly seq: Seq;
  readonly failure: TidemarkError;
}

/** What becomes of the entries of a frame when each of them is looked at. */
export interface JudgedEntries {
  readonly header: FrameHeader;
  /**
   * In the order of their seqs; at the first one where all of them hold and the head does not tell
   * their times.
   */
  readonly damages: readonly EntryDamage[];
  /** The last entry that could be found: before `toSeq` where one does not tell where it ends. */
  readonly lastSeq: Seq;
  /** The largest `tsInit` of the entries that hold; undefined where none does. */
  readonly maxTsInit: bigint | undefined;
  /** Each index key of the entries that hold once, with the first of them that mentioned it. */
  readonly indexRows: readonly IndexRow[];
}

/**
 * Proves every entry of a sealed frame as `decodeFrame` would, one as independent of the other, and
 * makes none of them.
 *
 * @throws {@link UnsupportedFormatError} for a frame of another version.
 * @throws {@link CorruptedError} for what is no frame, or whose head is not what was sealed.
 */
export function judgeEntries(bytes: Uint8Array): JudgedEntries {
  const frame = new OpenFrame(bytes);
  frame.checkHeadCrc();
  const damages: EntryDamage[] = [];
  const walk = new EntryWalk(frame);
  while (walk.isOn) {
    const failure = walk.step();
    if (failure !== undefined) damages.push({ seq: walk.seq, failure });
  }
  const { header } = frame;
  // Where an entry does not hold, nobody knows what its time was.
  if (damages.length === 0 && !hasTimes(header, walk)) {
    const reason = "A frame does not have the times that its head tells";
    damages.push({ seq: header.fromSeq, failure: new CorruptedError(reason, header.fromSeq) });
  }
  const { seq: lastSeq, maxTsInit, indexRows } = walk;
  return { header, damages, lastSeq, maxTsInit, indexRows };
}

/** Whether the entries of a frame, which all hold, have the times that its head tells of them. */
function hasTimes({ minTsInit, maxTsInit, runMaxTsInit }: FrameHeader, walk: EntryWalk): boolean {
  return walk.minTsInit === minTsInit && walk.maxTsInit === maxTsInit && runMaxTsInit >= maxTsInit;
}

/** Goes from entry to entry, and keeps of those that hold what is asked of all of them. */
class EntryWalk {
  isOn = true;
  readonly #frame: OpenFrame;
  readonly #cursor: EntryCursor;
  readonly #hashes: FrameHashes;
  readonly #keys: IndexKeyCursor;
  readonly #mentions = new FirstMentions();
  readonly #hasKeys: boolean;
  #maxHigh = -1;
  #maxLow = -1;
  #minHigh = 0xff_ff_ff_ff;
  #minLow = 0xff_ff_ff_ff;

  constructor(frame: OpenFrame) {
    this.#frame = frame;
    this.#cursor = new EntryCursor(frame);
    this.#hashes = new FrameHashes(frame, isThere);
    this.#keys = new IndexKeyCursor(frame);
    this.#hasKeys = frame.header.indexKeyCount > 0;
  }

  get seq(): Seq {
    return this.#cursor.seq;
  }

  get maxTsInit(): bigint | undefined {
    return this.#maxHigh < 0 ? undefined : (BigInt(this.#maxHigh) << 32n) | BigInt(this.#maxLow);
  }

  /** The smallest time of the entries that hold; the last of all where none does. */
  get minTsInit(): bigint {
    return (BigInt(this.#minHigh) << 32n) | BigInt(this.#minLow);
  }

  get indexRows(): readonly IndexRow[] {
    return this.#mentions.rows;
  }

  /** Judges the next entry, or finds that there is none; gives what is wrong. */
  step(): TidemarkError | undefined {
    try {
      this.isOn = this.#cursor.next();
    } catch (failure) {
      // Where the next one begins is not known.
      this.isOn = false;
      return damageOf(failure);
    }
    if (!this.isOn) return undefined;
    try {
      this.#prove();
      return undefined;
    } catch (failure) {
      return damageOf(failure);
    }
  }

  #prove(): void {
    const { topics, payloadTypes } = this.#frame;
    checkHash(this.#hashes.useOf(this.#cursor), this.#cursor);
    topics.textOf(this.#cursor.topicId);
    payloadTypes.textOf(this.#cursor.payloadTypeId);
    if (this.#hasKeys) {
      for (const { kind, key } of this.#keys.keysOf(this.seq)) {
        this.#mentions.add(kind, key, this.seq);
      }
    }
    this.#seeTime();
  }

  /** In two halves, which takes no bigint for each entry. */
  #seeTime(): void {
    const at = this.#cursor.at + AT_TS_INIT;
    const high = this.#frame.view.getUint32(at + 4, true);
    const low = this.#frame.view.getUint32(at, true);
    if (high > this.#maxHigh || (high === this.#maxHigh && low > this.#maxLow)) {
      this.#maxHigh = high;
      this.#maxLow = low;
    }
    if (high < this.#minHigh || (high === this.#minHigh && low < this.#minLow)) {
      this.#minHigh = high;
      this.#minLow = low;
    }
  }
}

function damageOf(failure: unknown): TidemarkError {
  if (failure instanceof TidemarkError) return failure;
  throw failure;
}
