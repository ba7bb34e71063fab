import { type Local, WasmFunction } from "./WasmFunction.ts";

/** Messages that are hashed side by side: a vector has a word of each. */
export const LANES = 4;
/** The longest message: one chunk. Longer ones are trees of chunks, which this module cannot do. */
export const LANE_BYTES = 1_024;
/** The length of no message: what lies in the lane stays as it is, and its hash is none. */
export const NO_MESSAGE = -1;

const BLOCK_BYTES = 64;
const VECTOR_BYTES = 16;
const HASH_BYTES = 32;
/** From lane to lane: behind a message there is room for the zeros that fill up its last block. */
const LANE_STRIDE = LANE_BYTES + BLOCK_BYTES;
const HASHES_AT = LANES * LANE_STRIDE;

const IV = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const;
const ROUNDS = 7;
/** Which word of a round's message stands where in the message of the next round. */
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8] as const;
/** What a round mixes: the columns of the state, then its diagonals. */
const MIXED = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

const CHUNK_START = 1;
/** CHUNK_END and ROOT: a message of one chunk ends both with its last block. */
const MESSAGE_END = 2 | 8;

/** Rotations by whole bytes, within each word. */
const ROTATED_16 = [2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13] as const;
const ROTATED_8 = [1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12] as const;
/** The lower, or upper, words of two vectors by turns; and the same with pairs of words. */
const LOWER_WORDS = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23] as const;
const UPPER_WORDS = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31] as const;
const LOWER_PAIRS = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23] as const;
const UPPER_PAIRS = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31] as const;

/** Where in the module's memory the message of a lane is put. */
export function messageAt(lane: number): number {
  return lane * LANE_STRIDE;
}

/** Where in the module's memory the hash of a lane's message is found. */
export function hashAt(lane: number): number {
  return HASHES_AT + lane * HASH_BYTES;
}

/** What messages and hashes take of the memory, from its start. */
export const LANES_BYTES: number = HASHES_AT + LANES * HASH_BYTES;

/**
 * A WebAssembly function that takes the BLAKE3 of four messages at once, by their lengths: 0 to
 * `LANE_BYTES`, or `NO_MESSAGE`. Up to 64 bytes behind each message are set to zero.
 *
 * Every vector holds the same word of all four messages. A lane whose message is through goes along
 * with whatever lies in memory, and keeps its hash by a mask.
 */
export function laneFunction(): WasmFunction {
  return new LaneFunction().write();
}

/** Generates `run`: all loops but that over the blocks of the messages are unrolled here. */
class LaneFunction {
  readonly #code = new WasmFunction(LANES);
  /** Where the current block is in its message. */
  readonly #at: Local = this.#code.i32Local();
  readonly #chain = this.#code.v128Locals(8);
  readonly #state = this.#code.v128Locals(16);
  readonly #message = this.#code.v128Locals(16);
  readonly #spare = this.#code.v128Locals(LANES);
  /** Bytes from the current block on: none or less than none where a message is through. */
  readonly #remaining = this.#code.v128Locals(1)[0] as Local;
  /** The flag of that name in the first block, then nothing. */
  readonly #chunkStart = this.#code.v128Locals(1)[0] as Local;

  write(): WasmFunction {
    const code = this.#code;
    this.#start();
    code.repeatWhileAny(() => {
      this.#loadMessage();
      this.#startState();
      this.#mixRounds();
      this.#keepChain();
      code.splat(0).set(this.#chunkStart);
      code.get(this.#at).i32(BLOCK_BYTES).addI32().set(this.#at);
      code.get(this.#remaining).splat(BLOCK_BYTES).subtract().set(this.#remaining);
      code.get(this.#remaining).splat(0).isGreater();
    });
    this.#storeHashes();
    return code;
  }

  #start(): void {
    const code = this.#code;
    for (let lane = 0; lane < LANES; lane++) {
      const length = lane;
      code.get(this.#remaining).get(length).replaceLane(lane).set(this.#remaining);
      code.get(length).i32(0).isAtLeastI32();
      code.when(() => {
        for (let at = 0; at < BLOCK_BYTES; at += VECTOR_BYTES) {
          code
            .get(length)
            .splat(0)
            .store(messageAt(lane) + at);
        }
      });
    }
    for (const [word, local] of this.#chain.entries()) code.splat(nth(IV, word)).set(local);
    code.splat(CHUNK_START).set(this.#chunkStart);
  }

  /** Sixteen bytes of each lane at a time, which are four words of the message. */
  #loadMessage(): void {
    for (let at = 0; at < BLOCK_BYTES; at += VECTOR_BYTES) {
      const words = this.#message.slice(at / 4, at / 4 + LANES);
      for (const [lane, local] of words.entries()) {
        this.#code
          .get(this.#at)
          .load(messageAt(lane) + at)
          .set(local);
      }
      this.#transpose(words);
    }
  }

  #startState(): void {
    const code = this.#code;
    for (const [word, local] of this.#state.entries()) {
      if (word < 8) code.get(nth(this.#chain, word)).set(local);
      else if (word < 12) code.splat(nth(IV, word - 8)).set(local);
      // The number of the chunk, which is the first one.
      else if (word < 14) code.splat(0).set(local);
    }
    code.get(this.#remaining).splat(BLOCK_BYTES).min().set(nth(this.#state, 14));
    code
      .splat(BLOCK_BYTES + 1)
      .get(this.#remaining)
      .isGreater()
      .splat(MESSAGE_END)
      .and();
    code.get(this.#chunkStart).or().set(nth(this.#state, 15));
  }

  #mixRounds(): void {
    const mixed = MIXED.map((places) => places.map((place) => nth(this.#state, place)));
    let message = this.#message;
    for (let round = 0; round < ROUNDS; round++) {
      for (const [turn, places] of mixed.entries()) {
        this.#mix(places, nth(message, 2 * turn), [ROTATED_16, 12]);
        this.#mix(places, nth(message, 2 * turn + 1), [ROTATED_8, 7]);
      }
      message = PERMUTATION.map((word) => nth(message, word));
    }
  }

  /** Half of BLAKE3's G: one word of the message goes in, with two rotations to the right. */
  #mix(
    mixed: readonly Local[],
    word: Local,
    [rotated, bits]: readonly [rotated: readonly number[], bits: number],
  ): void {
    const code = this.#code;
    const [a, b, c, d] = mixed as readonly [Local, Local, Local, Local];
    code.get(a).get(b).add().get(word).add().tee(a);
    code.get(d).xor().tee(d).get(d).shuffle(rotated).tee(d);
    code.get(c).add().tee(c);
    code
      .get(b)
      .xor()
      .tee(b)
      .shiftRight(bits)
      .get(b)
      .shiftLeft(32 - bits)
      .or()
      .set(b);
  }

  /** What the block came to, in lanes whose message was not through before it. */
  #keepChain(): void {
    const code = this.#code;
    // The first block of a message counts even where it is empty.
    const [isOn] = this.#spare as readonly [Local];
    code.get(this.#remaining).get(this.#chunkStart).add().splat(0).isGreater().set(isOn);
    for (const [word, local] of this.#chain.entries()) {
      code
        .get(nth(this.#state, word))
        .get(nth(this.#state, word + 8))
        .xor();
      code.get(local).get(isOn).select().set(local);
    }
  }

  #storeHashes(): void {
    for (const half of [0, 1]) {
      const words = this.#chain.slice(half * LANES, (half + 1) * LANES);
      this.#transpose(words);
      for (const [lane, local] of words.entries()) {
        this.#code
          .i32(hashAt(lane) + half * VECTOR_BYTES)
          .get(local)
          .store(0);
      }
    }
  }

  /** Four words of one lane in each of four locals become one word of all lanes, or back. */
  #transpose(locals: readonly Local[]): void {
    const code = this.#code;
    const [a, b, c, d] = locals as readonly [Local, Local, Local, Local];
    const [abLow, cdLow, abHigh, cdHigh] = this.#spare as readonly [Local, Local, Local, Local];
    code.get(a).get(b).shuffle(LOWER_WORDS).set(abLow);
    code.get(c).get(d).shuffle(LOWER_WORDS).set(cdLow);
    code.get(a).get(b).shuffle(UPPER_WORDS).set(abHigh);
    code.get(c).get(d).shuffle(UPPER_WORDS).set(cdHigh);
    code.get(abLow).get(cdLow).shuffle(LOWER_PAIRS).set(a);
    code.get(abLow).get(cdLow).shuffle(UPPER_PAIRS).set(b);
    code.get(abHigh).get(cdHigh).shuffle(LOWER_PAIRS).set(c);
    code.get(abHigh).get(cdHigh).shuffle(UPPER_PAIRS).set(d);
  }
}

/** All indexes here are constants. */
function nth(list: readonly number[], index: number): number {
  return list[index] as number;
}
