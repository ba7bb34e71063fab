/** What a program of the soak is to do. */
export interface SoakSettings {
  readonly directories: readonly string[];
  readonly seconds: number;
  readonly sampleSeconds: number;
  /** How long one run lasts before the next is opened. */
  readonly runSeconds: number;
}

/** What a process holds at one moment. */
export interface Sample {
  readonly heapBytes: number;
  /** Timers, sockets, files and the like that keep its event loop busy. */
  readonly resources: number;
  /** Read so far, of all runs. */
  readonly entries: number;
  /** The run that a load writes. */
  readonly run?: { readonly folder: string; readonly watermark: number };
}

/** The key of an entry: in the order of the seqs, so that each costs the index the same. */
export function keyOf(seq: number): string {
  return `O-${String(seq).padStart(10, "0")}`;
}

/** What this process holds, once nothing is in it that could be let go. */
export function heldNow(): Pick<Sample, "heapBytes" | "resources"> {
  // Twice: what finalizers let go of goes with the second.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    heapBytes: heapUsed + arrayBuffers,
    resources: process.getActiveResourcesInfo().length,
  };
}
