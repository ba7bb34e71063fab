import type { RunManifest } from "../model/manifest.ts";
import type { RunSummary } from "../model/Run.ts";
import type { Backend, RunLog } from "./Backend.ts";

/** The exclusive right to write an instance's runs. */
export interface Lease {
  readonly instanceId: string;
  /** A new run, ready to be written; its manifest is stored when this resolves. */
  create(manifest: RunManifest): Promise<Backend>;
  /** An unsealed run: its epoch raised, its log ready to be judged and sealed. */
  recover(runId: string): Promise<Backend>;
  /**
   * Removes a sealed run; an unsealed one is {@link NotSealedError}. It goes as a whole, however the
   * process ends meanwhile. Who reads it reads on, or gets an error with a code.
   */
  remove(runId: string): Promise<void>;
  /**
   * Gives the right back. A second call does nothing. Where a backend failed and something of it may
   * still land, the right may be kept until the process ends.
   */
  release(): Promise<void>;
}

/** How much of a file is checked before it is read. */
export interface ReadOptions {
  /** Everything reachable (the default), or the two ends for a flat open time. */
  readonly check?: "full" | "edges";
}

/** Which runs are listed. */
export interface ListOptions {
  /** Only this run and what began after it; where that is no less work, older ones are there, too. */
  readonly since?: string;
}

/** Where runs live. A run's life in runs/ is written over this alone. */
export interface RunCatalog {
  /** Takes the lease of an instance, or rejects {@link LockedError}: who holds it, since when. */
  acquire(instanceId: string): Promise<Lease>;
  /** The runs of one instance or of all, oldest first; damaged ones with their `problem`. */
  list(instanceId?: string, options?: ListOptions): Promise<readonly RunSummary[]>;
  /** One run for reading, or {@link NotFoundError}. */
  read(instanceId: string, runId: string, options?: ReadOptions): Promise<RunLog>;
}
