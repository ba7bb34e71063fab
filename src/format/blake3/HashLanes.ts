import { hashAt, LANE_BYTES, laneModule, LANES, messageAt } from "./laneModule.ts";

export { LANE_BYTES, LANES, NO_MESSAGE } from "./laneModule.ts";

/** What is needed of a global that the types of Node.js do not know. */
declare const WebAssembly: WebAssemblyApi | undefined;

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

interface LaneExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: (first: number, second: number, third: number, fourth: number) => void;
}

/** The bytes of each lane's message: 0 to `LANE_BYTES`, or `NO_MESSAGE`. */
export type LaneLengths = [number, number, number, number];

/** Takes the BLAKE3 of four messages at once, in a third of the time that they take one by one. */
export class HashLanes {
  /** Where the messages are to be written: `LANE_BYTES` for each lane. */
  readonly messages: readonly Uint8Array[];
  /** The hashes of the messages that were there when `run` was called. */
  readonly hashes: DataView;
  readonly #run: LaneExports["run"];

  private constructor({ memory, run }: LaneExports) {
    const { buffer } = memory;
    this.messages = Array.from(
      { length: LANES },
      (_, lane) => new Uint8Array(buffer, messageAt(lane), LANE_BYTES),
    );
    this.hashes = new DataView(buffer);
    this.#run = run;
  }

  /** Undefined where there is no WebAssembly, or none with vectors, or no memory for it. */
  static create(): HashLanes | undefined {
    if (typeof WebAssembly === "undefined") return undefined;
    const bytes = laneModule();
    try {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
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
