import { pipe, type OperatorFunction, type SchedulerLike } from "rxjs";
import type { Backend } from "../backends/Backend.ts";
import type { WriterOptions } from "../model/options.ts";
import type { BackpressuredSubject } from "./BackpressuredSubject.ts";
import { commitTo, type Durable } from "./commitTo.ts";
import { cutBatches } from "./cutBatches.ts";
import { Demand } from "./Demand.ts";
import { FrameMemory } from "./FrameMemory.ts";
import { frames } from "./frames.ts";
import type { PayloadCopies } from "./PayloadCopies.ts";
import type { SerialDelivery } from "./SerialDelivery.ts";
import type { Submission } from "./Submission.ts";
import type { TransactionLimits } from "./Transactions.ts";

/** What a pipeline is made of. */
export interface PipelineConfig {
  readonly backend: Backend;
  readonly options: WriterOptions;
  readonly scheduler: SchedulerLike;
  /** Runs when the current turn of the event loop is over. */
  readonly endOfTurn: SchedulerLike;
  /** What the payloads of the drafts were copied by. */
  readonly payloads: PayloadCopies;
  /** Others than the usual ones, where there are few entries. */
  readonly transactionLimits?: TransactionLimits | undefined;
}

/** What a pipeline hangs between. */
export interface PipelineEnds {
  readonly subject: BackpressuredSubject<Submission>;
  readonly delivery: SerialDelivery;
  /** Gives a submission its place in the log. */
  readonly accept: (submission: Submission) => void;
}

/**
 * The way of a draft, from its acceptance to the disk:
 *
 *     BackpressuredSubject ─► cutBatches ─► frames ─► commitTo ─► what became durable
 *                ▲                ▲                       │
 *                └── credit ──────┴── demand ─────────────┘
 */
export function makeDurable(
  config: PipelineConfig,
  ends: PipelineEnds,
): OperatorFunction<Submission, Durable> {
  const { backend, options, scheduler, endOfTurn, payloads, transactionLimits } = config;
  const { subject, delivery, accept } = ends;
  const demand = new Demand(endOfTurn);
  const memory = backend.returnsFrames === true ? new FrameMemory() : undefined;
  return pipe(
    cutBatches({
      options,
      demand,
      accept,
      exhausted$: subject.exhausted$,
      scheduler,
    }),
    frames({ watermark: backend.watermark, epoch: backend.epoch, memory, payloads }),
    commitTo({
      backend,
      scheduler,
      commitTimeoutMs: options.commitTimeoutMs,
      demand,
      exhausted$: subject.exhausted$,
      delivery,
      transactionLimits,
      memory,
      onTaken: (count, sizeBytes) => subject.release(count, sizeBytes),
    }),
  );
}
