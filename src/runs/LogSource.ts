import type { Observable } from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";

/** A log that somebody may still be writing, as those who read it see it. */
export interface LogSource {
  /** As far as is known: see `watermarkNow$`. */
  readonly watermark: Seq;
  /** The current value, then every later one; completes when nothing more becomes durable. */
  readonly watermark$: Observable<Seq>;
  /** Where somebody else writes it: looks how far it is now, emits that once and completes. */
  look?(): Observable<Seq>;
  /**
   * Lends the log: emits it once and completes, or errors where it must not be read. Who got it
   * gives it back, once.
   */
  borrow(): Observable<RunLog>;
  giveBack(): void;
  /** @throws where the log must not be touched any more. */
  checkReadable(): void;
}
