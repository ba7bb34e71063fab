import { Observable, ReplaySubject, Subject } from "rxjs";
import type { Seq } from "../model/entry.ts";
import type { HaltReason } from "../model/halt.ts";
import type { Commit, Pressure } from "../model/Writer.ts";
import type { SerialDelivery } from "./SerialDelivery.ts";

/** What the world sees of a writer: four streams, none of which errors. */
export class RunSignals {
  // ReplaySubject, not BehaviorSubject: the value is replayed after completion too.
  readonly #watermarks = new ReplaySubject<Seq>(1);
  readonly #halts = new ReplaySubject<HaltReason>(1);
  readonly #commits = new Subject<Commit>();
  readonly #pressures = new ReplaySubject<Pressure>(1);
  readonly watermark$: Observable<Seq>;
  readonly halt$: Observable<HaltReason>;
  readonly commits$: Observable<Commit>;
  readonly pressure$: Observable<Pressure>;

  /** The last durable seq that was told. */
  watermark: Seq;

  constructor(watermark: Seq, delivery: SerialDelivery) {
    this.watermark = watermark;
    this.#watermarks.next(watermark);
    this.watermark$ = serialised(this.#watermarks, delivery);
    this.halt$ = serialised(this.#halts, delivery);
    this.commits$ = serialised(this.#commits, delivery);
    this.pressure$ = serialised(this.#pressures, delivery);
  }

  committed(commit: Commit): void {
    this.watermark = commit.toSeq;
    this.#watermarks.next(commit.toSeq);
    this.#commits.next(commit);
  }

  pressure(pressure: Pressure): void {
    this.#pressures.next(pressure);
  }

  halted(reason: HaltReason): void {
    this.#halts.next(reason);
    this.#halts.complete();
  }

  /** Nothing more can become durable. `halt$` completes empty if it has not told a reason. */
  finish(): void {
    this.#watermarks.complete();
    this.#halts.complete();
    this.#commits.complete();
    this.#pressures.complete();
  }
}

/** A replay is a delivery too: what it makes a subscriber raise waits until it is over. */
function serialised<Value>(subject: Subject<Value>, delivery: SerialDelivery): Observable<Value> {
  return new Observable((subscriber) => delivery.hold(() => subject.subscribe(subscriber)));
}
