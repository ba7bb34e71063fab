import { ALONE_BYTES } from "./ProofThread.ts";
import { proveFrame } from "./proveFrame.ts";
import { sharedProofs, type SharedProofs } from "./SharedProofs.ts";

/** What {@link FrameProofs} can be told. */
export interface FrameProofsConfig {
  /** So much is proven on one thread before a second one is used. */
  readonly aloneBytes?: number;
  readonly shared?: SharedProofs;
}

/**
 * Proves pages of frames, and where there are many, every other page on a second thread, since to
 * hash is most of what a recovery does. One page at a time is under way there.
 */
export class FrameProofs {
  readonly #aloneBytes: number;
  readonly #shared: SharedProofs;
  #bytes = 0;
  #underWay: Promise<void> | undefined;
  #damage: unknown;

  constructor({ aloneBytes = ALONE_BYTES, shared = sharedProofs }: FrameProofsConfig = {}) {
    this.#aloneBytes = aloneBytes;
    this.#shared = shared;
  }

  /**
   * Proves a page, or begins to. Its bytes must stay as they are.
   *
   * @throws {@link CorruptedError} or {@link HashMismatchError} where it is damaged, or one before.
   */
  prove(page: readonly Uint8Array[]): void {
    if (this.#damage !== undefined) throw this.#damage;
    for (const { byteLength } of page) this.#bytes += byteLength;
    const isApart = this.#bytes > this.#aloneBytes && this.#underWay === undefined;
    if (isApart) this.#underWay = this.#proveApart(page);
    else proveAll(page);
  }

  /** Waits until everything is proven. @throws as {@link prove} */
  async finish(): Promise<void> {
    await this.#underWay;
    if (this.#damage !== undefined) throw this.#damage;
  }

  async #proveApart(page: readonly Uint8Array[]): Promise<void> {
    try {
      // What the thread did not prove may be whole; where it is not, we tell what is wrong.
      if (!(await this.#shared.areProven(page))) proveAll(page);
    } catch (damage) {
      this.#damage = damage;
    }
    this.#underWay = undefined;
  }
}

function proveAll(page: readonly Uint8Array[]): void {
  for (const bytes of page) proveFrame(bytes);
}
