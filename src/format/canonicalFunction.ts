import { type Local, WasmFunction } from "./blake3/WasmFunction.ts";
import { DOMAIN_TAG } from "./CanonicalBytes.ts";
import { AT_TS_INIT, UUID_BYTES } from "./frameLayout.ts";

const NUMBER_BYTES = 8;
/** Bytes of a vector: two numbers of 64 bits, each the other way round. */
const REVERSED = [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8] as const;

/** The parameters of the function, by their place. */
const TARGET = 0;
const SEQ_HIGH = 1;
const SEQ_LOW = 2;
const ENTRY = 3;
const TOPIC = 4;
const TOPIC_BYTES = 5;
const PAYLOAD_TYPE = 6;
const PAYLOAD_TYPE_BYTES = 7;
const PAYLOAD = 8;
const PAYLOAD_BYTES = 9;
const CORRELATION_ID = 10;
const CAUSATION_ID = 11;
const PARAMETERS = 12;

/**
 * A WebAssembly function that writes the canonical bytes of an entry, as `CanonicalBytes` does, behind
 * the tag that stands at the target already. It takes where in its memory the entry and its parts are,
 * and how long these are; 0 for an id that the entry does not have. Up to 8 bytes behind what it
 * writes may change.
 */
export function canonicalFunction(): WasmFunction {
  return new CanonicalFunction().write();
}

class CanonicalFunction {
  readonly #code = new WasmFunction(PARAMETERS);
  /** Where the next byte goes. */
  readonly #at: Local = this.#code.i32Local();
  readonly #spare = this.#code.v128Locals(1)[0] as Local;

  write(): WasmFunction {
    const code = this.#code;
    code.get(TARGET).i32(DOMAIN_TAG.length).addI32().set(this.#at);
    this.#number(() => code.get(SEQ_LOW).splatI32().get(SEQ_HIGH).replaceLane(1));
    // Both times, which stand side by side there and here.
    code.get(this.#at).get(ENTRY).load(AT_TS_INIT);
    this.#reverse().store(0);
    this.#advance(() => code.i32(2 * NUMBER_BYTES));
    this.#sized(TOPIC, TOPIC_BYTES);
    this.#sized(PAYLOAD_TYPE, PAYLOAD_TYPE_BYTES);
    this.#sized(PAYLOAD, PAYLOAD_BYTES);
    this.#uuid(CORRELATION_ID);
    this.#uuid(CAUSATION_ID);
    return code;
  }

  /** The lower half of a vector, most significant byte first; the upper one is written over. */
  #number(vector: () => void): void {
    this.#code.get(this.#at);
    vector();
    this.#reverse().store(0);
    this.#advance(() => this.#code.i32(NUMBER_BYTES));
  }

  #sized(start: Local, bytes: Local): void {
    const code = this.#code;
    this.#number(() => code.get(bytes).splatI32().i32(0).replaceLane(1));
    code.get(this.#at).get(start).get(bytes).copy();
    this.#advance(() => code.get(bytes));
  }

  #uuid(start: Local): void {
    const code = this.#code;
    code.get(this.#at).i32(0).storeByte(0);
    code.get(start).when(() => {
      code.get(this.#at).i32(1).storeByte(0);
      code.get(this.#at).get(start).load(0).store(1);
      this.#advance(() => code.i32(UUID_BYTES));
    });
    this.#advance(() => code.i32(1));
  }

  #reverse(): WasmFunction {
    return this.#code.tee(this.#spare).get(this.#spare).shuffle(REVERSED);
  }

  #advance(bytes: () => void): void {
    this.#code.get(this.#at);
    bytes();
    this.#code.addI32().set(this.#at);
  }
}
