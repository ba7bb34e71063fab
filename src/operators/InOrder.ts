interface Place {
  /** What to do when this place's turn comes; undefined while that is not known. */
  act: (() => void) | undefined;
  next: Place | undefined;
}

/**
 * Acts in the order in which the places were reserved, whatever the order in which they become
 * ready. One act at a time: what becomes ready during an act has its turn after it.
 *
 * @internal
 */
export class InOrder {
  // Linked, so that taking the first of many costs no more than taking the first of few.
  #first: Place | undefined;
  #last: Place | undefined;
  #isActing = false;
  readonly #onThrow: (error: unknown) => void;

  /** @param onThrow - hears what an act throws; to go on after that is not meant. */
  constructor(onThrow: (error: unknown) => void) {
    this.#onThrow = onThrow;
  }

  /** Takes the last place; the function returned says, once, what is to be done there. */
  reserve(): (act: () => void) => void {
    const place: Place = { act: undefined, next: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    return (act) => {
      place.act = act;
      this.#advance();
    };
  }

  /** Forgets every place: whatever becomes ready for one of them is never done. */
  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
  }

  #advance(): void {
    if (this.#isActing) return;
    this.#isActing = true;
    try {
      for (let act = this.#take(); act !== undefined; act = this.#take()) act();
    } catch (error) {
      this.#onThrow(error);
    } finally {
      this.#isActing = false;
    }
  }

  /** Frees the first place if it is ready. */
  #take(): (() => void) | undefined {
    const place = this.#first;
    if (place?.act === undefined) return undefined;
    this.#first = place.next;
    if (this.#first === undefined) this.#last = undefined;
    return place.act;
  }
}
