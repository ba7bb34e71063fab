import type { Pipeline } from "../pipelines.ts";
import type { Moment } from "../Schedule.ts";
import type { Job } from "./jobs.ts";
import type { Store } from "./Store.ts";

/** A pipeline that can tell afterwards when its commits returned, where they ran. */
export interface PeerPipeline extends Pipeline {
  /** After `close`. */
  commitMoments?(): readonly Moment[];
}

/** How a peer in Node is opened for a job: by batches, or with a pipeline of its own. */
export type Adapter = {
  /** The kinds of job that it cannot do, and why. */
  readonly unsupported?: Partial<Readonly<Record<Job["kind"], string>>>;
} & (
  | { readonly openStore: (job: Job) => Store | Promise<Store> }
  | { readonly openPipeline: (job: Job) => PeerPipeline | Promise<PeerPipeline> }
);
