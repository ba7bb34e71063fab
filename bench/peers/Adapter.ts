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
  /** Why it cannot do a job; nothing where it can. */
  readonly whyNot?: (job: Job) => string | undefined;
} & (
  | { readonly openStore: (job: Job) => Store | Promise<Store> }
  | { readonly openPipeline: (job: Job) => PeerPipeline | Promise<PeerPipeline> }
);

/** The kinds of job that a peer cannot do at all, and why. */
export function exceptFor(
  kinds: Partial<Readonly<Record<Job["kind"], string>>>,
): (job: Job) => string | undefined {
  return ({ kind }) => kinds[kind];
}
