/** What a program was told of a run, and what must be true of it ever after. */
export interface Claim {
  readonly runId: string;
  /** Entries that were handed in together. */
  readonly group: number;
  readonly acknowledged: number;
  /** How it was sealed, once that was told. */
  readonly sealed?: Sealed;
}

interface Sealed {
  readonly status: string;
  readonly highWatermark: number;
}

interface Opened {
  readonly runId: string;
  readonly watermark: number;
  readonly recovered: readonly ({ readonly runId: string } & Sealed)[];
}

/** Reads what programs/writer.ts announces; what it has once claimed stays claimed. */
export class Claims {
  readonly #group: number;
  readonly #claims: Map<string, Claim>;
  #runId = "";

  constructor(before: readonly Claim[], group: number) {
    this.#group = group;
    this.#claims = new Map(before.map((claim) => [claim.runId, claim]));
  }

  /** Everything that is claimed by now. */
  get all(): readonly Claim[] {
    return [...this.#claims.values()];
  }

  /** @throws for anything that a writer on a sound disk has no reason to say. */
  hear(text: string): void {
    for (const line of text.split("\n")) {
      const [word = "", json = ""] = line.split(/ (.*)/s);
      if (word === "open") this.#open(JSON.parse(json) as Opened);
      else if (word === "ack") this.#claim(this.#runId, { acknowledged: Number(json) });
      else if (word === "closed") this.#claim(this.#runId, { sealed: JSON.parse(json) as Sealed });
      else if (word !== "") throw new Error(`The writer said ${line}`);
    }
  }

  #open({ runId, watermark, recovered }: Opened): void {
    this.#runId = runId;
    this.#claim(runId, { acknowledged: watermark });
    for (const { runId: id, status, highWatermark } of recovered) {
      this.#claim(id, { sealed: { status, highWatermark } });
    }
  }

  #claim(runId: string, news: Partial<Claim>): void {
    const known = this.#claims.get(runId) ?? { runId, group: this.#group, acknowledged: 0 };
    this.#claims.set(runId, { ...known, ...news });
  }
}
