import { TidemarkError } from "../model/errors.ts";
import { HashLanes, LANES, type LaneLengths, NO_MESSAGE } from "./blake3/HashLanes.ts";
import type { EntryCursor } from "./EntryCursor.ts";
import { besideLanes, FrameImage } from "./FrameImage.ts";
import { AT_HASH } from "./frameLayout.ts";
import type { HashUse } from "./hashUse.ts";
import type { OpenFrame } from "./OpenFrame.ts";

/** Four lanes take less time than two hashes one by one, and more than one. */
export const MIN_MESSAGES = 2;

/** What came of the next entries; undefined for one that was not hashed. */
export type Outcomes = (boolean | undefined)[];

/**
 * The hashes of up to four entries of a frame at once, whose canonical bytes are put together where
 * they are hashed. There is one instance in a thread, and it holds no frame that it was led to the end
 * of; one that was not may be held until others take its place. Copied bytes stay until they are written
 * over.
 */
export class EntryLanes {
  readonly #lanes: HashLanes;
  readonly #image: FrameImage;
  readonly #lengths: LaneLengths = [0, 0, 0, 0];
  /** Where in the frame the hashes belong. */
  readonly #places = [0, 0, 0, 0];

  constructor(lanes: HashLanes) {
    this.#lanes = lanes;
    this.#image = new FrameImage(lanes);
  }

  /** Forgets what it knows of a frame, which may have changed since. */
  forget(): void {
    this.#image.forget();
  }

  /**
   * Moves a cursor over the next entries of a frame, four at most, and uses their hashes, except
   * for entries that are too long, for one alone, and for what is damaged: there the cursor stays.
   */
  useNext(frame: OpenFrame, cursor: EntryCursor, use: HashUse, outcomes: Outcomes): void {
    outcomes.fill(undefined);
    this.#lengths.fill(NO_MESSAGE);
    const messages = this.#fill(frame, cursor);
    if (cursor.seq === frame.header.toSeq) this.#image.forget();
    if (messages < MIN_MESSAGES) return;
    this.#lanes.run(this.#lengths);
    const { hashes } = this.#lanes;
    for (let lane = 0; lane < LANES; lane++) {
      if (this.#lengths[lane] === NO_MESSAGE) continue;
      const place = this.#places[lane] as number;
      outcomes[lane] = use(hashes, this.#lanes.hashAt(lane), frame.view, place);
    }
  }

  /** Gives how many lanes have a message. */
  #fill(frame: OpenFrame, cursor: EntryCursor): number {
    const { toSeq } = frame.header;
    let messages = 0;
    try {
      for (let lane = 0; lane < LANES && cursor.seq < toSeq && cursor.next(); lane++) {
        const length = this.#image.write(frame, cursor, lane);
        if (length === NO_MESSAGE) continue;
        this.#lengths[lane] = length;
        this.#places[lane] = cursor.at + AT_HASH;
        messages++;
      }
    } catch (failure) {
      // It belongs to an entry that nobody has asked for yet, and is thrown again when it is.
      if (!(failure instanceof TidemarkError)) throw failure;
    }
    return messages;
  }
}

/** Undefined until first used; null where there are no lanes. */
let shared: EntryLanes | null | undefined;

/** The lanes of this thread; undefined where it has none. They are made when first asked for. */
export function entryLanes(): EntryLanes | undefined {
  if (shared === undefined) {
    const lanes = HashLanes.create(besideLanes());
    shared = lanes === undefined ? null : new EntryLanes(lanes);
  }
  return shared ?? undefined;
}
