/** What a power cut may keep or lose, whatever else it keeps: a page, a size, a change of names. */
export interface Unit {
  /** How often it has changed since it was last known to be on disk. */
  readonly steps: number;
  /** Without which it would not be seen: the size of a page's file. */
  readonly companion?: Unit | undefined;
}

/** A value on disk, and the later ones of which any may have got there and none is known to. */
export class Register<Value> implements Unit {
  readonly companion: Unit | undefined;
  #durable: Value;
  #later: { readonly value: Value; readonly since: number }[] = [];

  constructor(durable: Value, companion?: Unit) {
    this.#durable = durable;
    this.companion = companion;
  }

  get steps(): number {
    return this.#later.length;
  }

  /** What a program reads. */
  get live(): Value {
    return this.after(this.steps);
  }

  /** What is there when so many of the later values have got to the disk. */
  after(steps: number): Value {
    const last = this.#later[steps - 1];
    return last === undefined ? this.#durable : last.value;
  }

  set(value: Value, since: number): void {
    if (value !== this.live) this.#later.push({ value, since });
  }

  /** Everything up to a moment is on disk. */
  settle(until: number): void {
    while (this.#later[0] !== undefined && this.#later[0].since <= until) {
      this.#durable = this.#later[0].value;
      this.#later.shift();
    }
  }
}
