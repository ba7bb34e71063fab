import { variableBytesOf, writeEntry } from "./canonicalEntry.ts";
import { EntryCursor } from "./EntryCursor.ts";
import { type EntryLanes, entryLanes, MIN_MESSAGES, type Outcomes } from "./EntryLanes.ts";
import { hasRoomInImage } from "./FrameImage.ts";
import { AT_HASH } from "./frameLayout.ts";
import type { HashUse } from "./hashUse.ts";
import type { OpenFrame } from "./OpenFrame.ts";
import { SingleHash } from "./SingleHash.ts";

const single = new SingleHash();

/**
 * Hashes the entries of a frame and uses each hash in the same way. The entries that follow the one
 * that is asked for are hashed along, four at a time; whatever that leaves out (long entries,
 * damaged ones, all of them where there are no lanes) is hashed alone when it is asked for. So it
 * makes no difference but to the time that it takes, as long as the frame stays as it is.
 */
export class FrameHashes {
  readonly #frame: OpenFrame;
  readonly #use: HashUse;
  readonly #ahead: HashesAhead | undefined;

  constructor(frame: OpenFrame, use: HashUse) {
    this.#frame = frame;
    this.#use = use;
    const lanes = frame.header.entryCount < MIN_MESSAGES ? undefined : entryLanes();
    if (lanes !== undefined && hasRoomInImage(frame))
      this.#ahead = new HashesAhead(lanes, frame, use);
  }

  /**
   * Uses the hash of an entry, and gives what that came to. Entries are asked for in their order.
   *
   * @throws {@link CorruptedError} for an entry of a topic or payload type that the frame has not.
   */
  useOf(entry: EntryCursor): boolean {
    return this.#ahead?.outcomeOf(entry) ?? useHash(this.#frame, entry, this.#use);
  }
}

/** Runs ahead of whoever asks for the hashes of a frame's entries. */
class HashesAhead {
  readonly #lanes: EntryLanes;
  readonly #frame: OpenFrame;
  readonly #use: HashUse;
  /** At the last entry that it has come to. */
  readonly #cursor: EntryCursor;
  /** Of the last entries that it has come to, the first of which has this seq. */
  readonly #outcomes: Outcomes = [undefined, undefined, undefined, undefined];
  #firstSeq = 0;

  constructor(lanes: EntryLanes, frame: OpenFrame, use: HashUse) {
    this.#lanes = lanes;
    this.#frame = frame;
    this.#use = use;
    this.#cursor = new EntryCursor(frame);
    lanes.forget();
  }

  /** Undefined for an entry that was not hashed here. */
  outcomeOf({ seq }: EntryCursor): boolean | undefined {
    if (seq > this.#cursor.seq) {
      this.#firstSeq = this.#cursor.seq + 1;
      this.#lanes.useNext(this.#frame, this.#cursor, this.#use, this.#outcomes);
    }
    return this.#outcomes[seq - this.#firstSeq];
  }
}

/**
 * Uses the hash of one entry of a frame, and gives what that came to.
 *
 * @throws {@link CorruptedError} for an entry of a topic or payload type that the frame has not.
 */
export function useHash(frame: OpenFrame, entry: EntryCursor, use: HashUse): boolean {
  const canonical = single.start(variableBytesOf(frame, entry));
  writeEntry(canonical, frame, entry);
  single.finish();
  return use(single.view, 0, frame.view, entry.at + AT_HASH);
}
