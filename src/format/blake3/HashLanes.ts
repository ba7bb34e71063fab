import { hashAt, LANE_BYTES, laneFunction, LANES, LANES_BYTES, messageAt } from "./laneFunction.ts";
import type { WasmFunction } from "./WasmFunction.ts";
import { wasmModule } from "./wasmModule.ts";

export { LANE_BYTES, LANES, LANES_BYTES, messageAt, NO_MESSAGE } from "./laneFunction.ts";

const PAGE_BYTES = 64 * 1024;

/** What is needed of a global that the types of Node.js do not know. */
declare const WebAssembly: WebAssemblyApi | undefined;

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

interface LaneExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: NumberFunction;
}

/** A function of WebAssembly, which takes numbers of 32 bits. */
export type NumberFunction = (...numbers: number[]) => void;

/** What lives in one memory with the lanes: so many bytes behind `LANES_BYTES`, and functions. */
export interface BesideLanes {
  readonly bytes: number;
  readonly functions: Readonly<Record<string, WasmFunction>>;
}

/** The bytes of each lane's message: 0 to `LANE_BYTES`, or `NO_MESSAGE`. */
export type LaneLengths = [number, number, number, number];

const NOTHING_BESIDE: BesideLanes = { bytes: 0, functions: {} };

/** Takes the BLAKE3 of four messages at once, in a third of the time that they take one by one. */
export class HashLanes {
  /** Where the messages are to be written: `LANE_BYTES` for each lane. */
  readonly messages: readonly Uint8Array[];
  /** The hashes of the messages that were there when `run` was called. */
  readonly hashes: DataView;
  /** All of the memory. Of what it has but is never used, the system keeps nothing. */
  readonly memory: Uint8Array;
  /** What was asked for beside the lanes, by name. */
  readonly functions: Readonly<Record<string, NumberFunction>>;
  readonly #run: LaneExports["run"];

  private constructor({ memory, run, ...functions }: LaneExports) {
    const { buffer } = memory;
    this.memory = new Uint8Array(buffer);
    this.functions = functions;
    this.messages = Array.from(
      { length: LANES },
      (_, lane) => new Uint8Array(buffer, messageAt(lane), LANE_BYTES),
    );
    this.hashes = new DataView(buffer);
    this.#run = run;
  }

  /** Undefined where there is no WebAssembly, or none with vectors, or no memory for it. */
  static create({ bytes, functions }: BesideLanes = NOTHING_BESIDE): HashLanes | undefined {
    if (typeof WebAssembly === "undefined") return undefined;
    const pages = Math.ceil((LANES_BYTES + bytes) / PAGE_BYTES);
    const module = wasmModule({ run: laneFunction(), ...functions }, pages);
    try {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module));
      return new HashLanes(exports as LaneExports);
    } catch {
      // The engine has no vectors, the process may not generate code, or it has too little address
      // space: there are other ways to hash.
      return undefined;
    }
  }

  /** Hashes the messages, in the time that the longest takes, whatever the number of them. */
  run([first, second, third, fourth]: LaneLengths): void {
    this.#run(first, second, third, fourth);
  }

  /** Where the hash of a lane starts in `hashes`. */
  hashAt(lane: number): number {
    return hashAt(lane);
  }
}
