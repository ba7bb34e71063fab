import { CorruptedError } from "../model/errors.ts";
import { ALONE_BYTES, ProofThread, type Damage } from "./ProofThread.ts";
import { proveFrame } from "./proveFrame.ts";

/**
 * Proves pages of frames, and where there are many, every other page on a second thread, since to
 * hash is most of what a recovery does. One page at a time is under way there.
 */
export class FrameProofs {
  readonly #aloneBytes: number;
  #bytes = 0;
  #thread: ProofThread | undefined;
  #underWay: Promise<void> | undefined;
  /** The thread cannot be started, or has died: it is a help and no need. */
  #isAlone = false;
  #damage: unknown;

  constructor(aloneBytes: number = ALONE_BYTES) {
    this.#aloneBytes = aloneBytes;
  }

  /**
   * Proves a page, or begins to. Its bytes must stay as they are.
   *
   * @throws {@link CorruptedError} or {@link HashMismatchError} where it is damaged, or one before.
   */
  prove(page: readonly Uint8Array[]): void {
    if (this.#damage !== undefined) throw this.#damage;
    for (const { byteLength } of page) this.#bytes += byteLength;
    const isApart = this.#bytes > this.#aloneBytes && !this.#isAlone;
    if (isApart && this.#underWay === undefined) this.#underWay = this.#proveApart(page);
    else for (const bytes of page) proveFrame(bytes);
  }

  /** Waits until everything is proven. @throws as {@link prove} */
  async finish(): Promise<void> {
    await this.#underWay;
    if (this.#damage !== undefined) throw this.#damage;
  }

  /** Ends the thread, whatever it is at. */
  async end(): Promise<void> {
    this.#isAlone = true;
    await this.#thread?.end();
  }

  async #proveApart(page: readonly Uint8Array[]): Promise<void> {
    try {
      const damage = await this.#askThread(page);
      if (damage !== undefined) throw new CorruptedError(damage.message, damage.seq);
    } catch (damage) {
      this.#damage = damage;
    }
    this.#underWay = undefined;
  }

  async #askThread(page: readonly Uint8Array[]): Promise<Damage | undefined> {
    try {
      this.#thread ??= new ProofThread();
      return await this.#thread.prove(page);
    } catch {
      this.#isAlone = true;
      for (const bytes of page) proveFrame(bytes);
      return undefined;
    }
  }
}
