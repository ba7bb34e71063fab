/** Where writers work until their power is cut. */
export interface Disk {
  /** A cut takes nothing from the disk: the writer must be killed, or nothing happens. */
  readonly cutsProcessesOnly: boolean;
  /** An empty folder on it, as the programs see it that run `under` it. */
  readonly root: string;
  /** The same folder as this process sees it. */
  readonly seen: string;
  /** What a program must be run under to see the disk. */
  readonly under: readonly string[];
  /** Nothing reaches the disk from now on. Who writes it may live on and find that out. */
  cut(): Promise<void>;
  /** Ends what still runs on the disk and gives its processes, which should be none. */
  endSurvivors(): Promise<readonly string[]>;
  /** The disk as it is found when the power is back. */
  replay(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function nothing(): Promise<void> {}

/** A folder of an ordinary disk: a cut is the death of the writer alone, and loses no writes. */
export function ordinaryDisk(folder: string): Disk {
  return {
    cutsProcessesOnly: true,
    root: folder,
    seen: folder,
    under: [],
    cut: nothing,
    endSurvivors: async () => [],
    replay: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}
