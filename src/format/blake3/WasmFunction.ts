/** A parameter or variable of a function, by its number, which is below 128 here. */
export type Local = number;

/** The type of a number of 32 bits. */
export const TYPE_I32 = 0x7f;
const TYPE_V128 = 0x7b;
const NO_RESULT = 0x40;
const END = 0x0b;
const CONST_I32 = 0x41;
const SIMD = 0xfd;
/** Canonical bytes end anywhere. */
const ANY_ALIGNMENT = 0;

/**
 * Writes a WebAssembly function that returns nothing, instruction by instruction: the few that it
 * takes to hash entries. Operands come before their operator, as on the stack machine that it is for, and
 * every method returns the function, so that a line can be read as an expression.
 */
export class WasmFunction {
  /** How many numbers of 32 bits it takes: its first locals. */
  readonly parameterCount: number;
  readonly #code: number[] = [];
  #i32Count = 0;
  #v128Count = 0;

  constructor(parameterCount: number) {
    this.parameterCount = parameterCount;
  }

  /** A new number of 32 bits, 0 at first; to be asked for before the vectors. */
  i32Local(): Local {
    return this.parameterCount + this.#i32Count++;
  }

  /** New vectors, 0 at first. */
  v128Locals(count: number): readonly Local[] {
    const first = this.parameterCount + this.#i32Count + this.#v128Count;
    this.#v128Count += count;
    return Array.from({ length: count }, (_, index) => first + index);
  }

  get(local: Local): this {
    this.#code.push(0x20, local);
    return this;
  }

  set(local: Local): this {
    this.#code.push(0x21, local);
    return this;
  }

  /** Sets a local to the operand and leaves it where it is. */
  tee(local: Local): this {
    return this.#emit(0x22, local);
  }

  /** A number from 0. */
  i32(value: number): this {
    return this.#emit(CONST_I32, ...signedLeb(value));
  }

  addI32(): this {
    return this.#emit(0x6a);
  }

  /** 1 where the first operand is not less than the second, signed; else 0. */
  isAtLeastI32(): this {
    return this.#emit(0x4e);
  }

  /** Runs the body unless the number before it is 0. */
  when(body: () => void): this {
    this.#emit(0x04, NO_RESULT);
    body();
    return this.#emit(END);
  }

  /** The 16 bytes at an address and so much beyond it. */
  load(beyond: number): this {
    return this.#emit(SIMD, 0x00, ANY_ALIGNMENT, ...leb(beyond));
  }

  /** Puts the second operand where the first and so much beyond it says. */
  store(beyond: number): this {
    return this.#emit(SIMD, 0x0b, ANY_ALIGNMENT, ...leb(beyond));
  }

  /** Puts the lowest byte of the second operand where the first and so much beyond it says. */
  storeByte(beyond: number): this {
    return this.#emit(0x3a, ANY_ALIGNMENT, ...leb(beyond));
  }

  /** Copies to the first operand from the second so many bytes as the third says. */
  copy(): this {
    return this.#emit(0xfc, 0x0a, 0, 0);
  }

  /** The operand, 32 bits, four times. */
  splatI32(): this {
    return this.#emit(SIMD, 0x11);
  }

  /** The same 32 bits four times. */
  splat(word: number): this {
    const bytes = [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24];
    return this.#emit(SIMD, 0x0c, ...bytes, ...bytes, ...bytes, ...bytes);
  }

  /** The first operand with the second as one of its words. */
  replaceLane(lane: number): this {
    return this.#emit(SIMD, 0x1c, lane);
  }

  /** Bytes by their numbers: 0 to 15 are those of the first operand, 16 to 31 of the second. */
  shuffle(bytes: readonly number[]): this {
    return this.#emit(SIMD, 0x0d, ...bytes);
  }

  add(): this {
    return this.#emit(SIMD, 0xae, 0x01);
  }

  subtract(): this {
    return this.#emit(SIMD, 0xb1, 0x01);
  }

  and(): this {
    return this.#emit(SIMD, 0x4e);
  }

  or(): this {
    return this.#emit(SIMD, 0x50);
  }

  xor(): this {
    return this.#emit(SIMD, 0x51);
  }

  shiftLeft(bits: number): this {
    return this.#emit(CONST_I32, bits, SIMD, 0xab, 0x01);
  }

  shiftRight(bits: number): this {
    return this.#emit(CONST_I32, bits, SIMD, 0xad, 0x01);
  }

  /** The smaller words of two vectors, which are signed here. */
  min(): this {
    return this.#emit(SIMD, 0xb6, 0x01);
  }

  /** All ones in each word of the first operand that is greater than the second's, signed; else 0. */
  isGreater(): this {
    return this.#emit(SIMD, 0x3b);
  }

  /** The bits of the first operand where the third has ones, and those of the second elsewhere. */
  select(): this {
    return this.#emit(SIMD, 0x52);
  }

  /** Runs the body once, and again as long as any bit is set in the vector that it leaves. */
  repeatWhileAny(body: () => void): this {
    this.#emit(0x03, NO_RESULT);
    body();
    return this.#emit(SIMD, 0x53, 0x0d, 0, END);
  }

  /** Its locals and its code. */
  toBytes(): Uint8Array {
    const locals = [2, this.#i32Count, TYPE_I32, this.#v128Count, TYPE_V128];
    const bytes = new Uint8Array(locals.length + this.#code.length + 1);
    bytes.set(locals);
    bytes.set(this.#code, locals.length);
    bytes[bytes.length - 1] = END;
    return bytes;
  }

  #emit(...bytes: readonly number[]): this {
    this.#code.push(...bytes);
    return this;
  }
}

/** A number as WebAssembly has it, in groups of 7 bits: LEB128. */
export function leb(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** The same for a number from 0 where a sign is read. */
function signedLeb(value: number): readonly number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signedLeb(value >>> 7)];
}
