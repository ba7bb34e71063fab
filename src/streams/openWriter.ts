import { asapScheduler, asyncScheduler, type SchedulerLike } from "rxjs";
import type { Backend } from "../backends/Backend.ts";
import { timeOf, type Clock } from "../model/Clock.ts";
import { InvalidConfigError, LockedError } from "../model/errors.ts";
import { checkScheduler, writerOptionsOf, type WriterOptions } from "../model/options.ts";
import type { Writer } from "../model/Writer.ts";
import { DraftCapture } from "./DraftCapture.ts";
import { PayloadCopies } from "./PayloadCopies.ts";
import { PipelineWriter } from "./PipelineWriter.ts";
import { systemClock } from "./systemClock.ts";
import type { TransactionLimits } from "./Transactions.ts";
import { WriterCore } from "./WriterCore.ts";

/** How a writer works; everything has a default. */
export interface OpenWriterOptions {
  readonly writer?: Partial<WriterOptions>;
  /** Default: the system's time, monotonic. */
  readonly clock?: Clock;
  /** The only clock of every wait; default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** A backend has one writer in its life: what a former one still has out cannot be known. */
const taken = new WeakSet<Backend>();

/**
 * Opens the bare pipeline over a backend: no lease, no lifecycle entries.
 *
 * @throws {@link InvalidConfigError} for an option out of bounds, {@link LockedError} where the
 * backend has or had a writer already.
 */
export function openWriter(backend: Backend, options: OpenWriterOptions = {}): Writer {
  checkedOptions(options);
  return createWriter(backend, options);
}

/** What a writer is opened with, every default filled in but that of the scheduler. */
interface CheckedOptions {
  readonly writerOptions: WriterOptions;
  readonly clock: Clock;
  readonly scheduler: SchedulerLike | undefined;
}

/**
 * What a writer is opened with, checked before anything is; the clock is asked once, since one that
 * gives no time would be told only when something is open.
 *
 * @internal
 * @throws {@link InvalidConfigError} for an option out of bounds.
 */
export function checkedOptions(options: OpenWriterOptions): CheckedOptions {
  const checked = optionsOf(options);
  timeOf(checked.clock);
  return checked;
}

function optionsOf({ writer, clock = systemClock, scheduler }: OpenWriterOptions): CheckedOptions {
  const writerOptions = writerOptionsOf(writer);
  if (typeof clock?.now !== "function") {
    throw new InvalidConfigError("clock", "an object with a method now()", clock);
  }
  if (scheduler !== undefined) checkScheduler(scheduler);
  return { writerOptions, clock, scheduler };
}

/**
 * {@link openWriter} with the doors that only a run uses, and transactions that end elsewhere.
 *
 * @internal
 */
export function createWriter(
  backend: Backend,
  options: OpenWriterOptions,
  transactionLimits?: TransactionLimits,
): PipelineWriter {
  const { writerOptions, clock, scheduler } = optionsOf(options);
  if (taken.has(backend)) throw new LockedError("The backend already has a writer");
  taken.add(backend);
  const payloads = new PayloadCopies();
  const core = new WriterCore({
    backend,
    options: writerOptions,
    scheduler: scheduler ?? asyncScheduler,
    endOfTurn: scheduler ?? asapScheduler,
    payloads,
    transactionLimits,
  });
  const capture = new DraftCapture(clock, writerOptions.maxPayloadBytes, payloads);
  return new PipelineWriter(core, capture, backend);
}
