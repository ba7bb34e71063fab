import {
  type Observable,
  ReplaySubject,
  Subject,
  type SchedulerLike,
  type Subscription,
} from "rxjs";
import { InvalidConfigError, OverflowError } from "../model/errors.ts";
import { checkInteger } from "../model/options.ts";
import type { Pressure, PressureLevel } from "../model/Writer.ts";
import { checkedSubjectConfig, type BackpressuredSubjectConfig } from "./subjectConfig.ts";
import { Fifo } from "./Fifo.ts";
import { Multicast } from "./Multicast.ts";
import { SerialDelivery } from "./SerialDelivery.ts";
import { StallClock, type Arrival } from "./StallClock.ts";

const RISING_FROM = 0.5;
const CLEAR_BELOW = 0.4;

interface Waiting<T> extends Arrival {
  readonly value: T;
  readonly sizeBytes: number;
}

/**
 * A Subject that does not pass on more than its consumer has room for.
 *
 * It works on credits, not on polling: a value is passed on at once while there is credit; later
 * ones wait in a bounded first-come line until the consumer gives credit back with `release`. The
 * values are hot: the consumer subscribes before the first one. A consumer that never releases
 * gets `capacity` values and no more; memory is bounded by queue and line. Changes of pressure are
 * told after the step that raised them, so that whoever reacts to them finds it done.
 *
 * @example
 * ```ts
 * const orders = new BackpressuredSubject<Order>({ capacity: 100 });
 * orders.asObservable().pipe(concatMap(send)).subscribe(() => orders.release(1));
 * if (!orders.offer(order)) console.warn("busy");
 * ```
 */
export class BackpressuredSubject<T> {
  readonly #values = new Multicast<T>();
  readonly #pressures = new ReplaySubject<Pressure>(1);
  readonly #stalls = new Subject<number>();
  readonly #exhausted = new Subject<"count" | "bytes">();
  readonly #delivery = new SerialDelivery();
  readonly #line = new Fifo<Waiting<T>>();
  readonly #stallClock: StallClock | undefined;
  readonly #scheduler: SchedulerLike;
  readonly #sizeOf: (value: T) => number;
  readonly #capacity: number;
  readonly #capacityBytes: number;
  readonly #maxWaiting: number;
  readonly #maxWaitingBytes: number;
  #queued = 0;
  #queuedBytes = 0;
  #waitingBytes = 0;
  #level: PressureLevel = "clear";
  #isEnding = false;
  #isDraining = false;

  /** @throws {@link InvalidConfigError} for a limit out of bounds. */
  constructor(config: BackpressuredSubjectConfig<T>) {
    const checked = checkedSubjectConfig(config);
    this.#capacity = checked.capacity;
    this.#capacityBytes = checked.capacityBytes;
    this.#maxWaiting = checked.maxWaiting;
    this.#maxWaitingBytes = checked.maxWaitingBytes;
    this.#sizeOf = checked.sizeOf;
    this.#scheduler = checked.scheduler;
    this.#stallClock = this.#stallClockOf(checked.stallAfterMs);
    this.#pressures.next(this.#pressure());
  }

  /** Changes of the level; hot, replays the current one; completes once all is released. */
  get pressure$(): Observable<Pressure> {
    return this.#pressures.asObservable();
  }

  /** How long the oldest in line had waited, in ms, each time it was too long; hot, no replay. */
  get stall$(): Observable<number> {
    return this.#stalls.asObservable();
  }

  /**
   * Each time that passing on stops for want of credit, and of which; hot, no replay.
   *
   * @internal
   */
  get exhausted$(): Observable<"count" | "bytes"> {
    return this.#exhausted.asObservable();
  }

  /** The values that are passed on; hot, no replay; completes once the line is empty. */
  asObservable(): Observable<T> {
    return this.#values.values$;
  }

  /** Subscribes to the values that are passed on. */
  subscribe(...observer: Parameters<Observable<T>["subscribe"]>): Subscription {
    return this.#values.values$.subscribe(...observer);
  }

  /** The same as `asObservable().pipe`. */
  get pipe(): Observable<T>["pipe"] {
    return this.#values.values$.pipe.bind(this.#values.values$);
  }

  /** Whether a value of that size could be passed on right now. */
  hasRoomFor(sizeBytes: number): boolean {
    return !this.#isEnding && this.#line.length === 0 && this.#hasRoom(sizeBytes);
  }

  /**
   * Hands a value in if it can be passed on right now.
   *
   * @throws {@link InvalidConfigError}, as all who take a value, where `sizeOf` gives no size.
   */
  offer(value: T): boolean {
    return this.#offer(value, this.#measure(value));
  }

  /**
   * Hands a value in, into the line where it cannot be passed on. Does nothing after `complete`.
   *
   * @throws {@link OverflowError} where the line would grow beyond its limit; nothing is kept.
   */
  next(value: T): void {
    if (this.#isEnding) return;
    const sizeBytes = this.#measure(value);
    if (this.#offer(value, sizeBytes)) return;
    if (this.#line.length >= this.#maxWaiting) throw new OverflowError(this.#maxWaiting);
    if (this.#waitingBytes + sizeBytes > this.#maxWaitingBytes) {
      throw new OverflowError(this.#maxWaiting, this.#maxWaitingBytes);
    }
    this.#delivery.hold(() => this.#wait(value, sizeBytes));
  }

  /**
   * Gives credit back for values that were passed on.
   *
   * @param count - Values.
   * @param bytes - Their sizes, where values have one.
   * @throws {@link InvalidConfigError} for more than is out.
   */
  release(count: number, bytes = 0): void {
    checkInteger("count", count, 0, this.#queued);
    checkInteger("bytes", bytes, 0, this.#queuedBytes);
    this.#queued -= count;
    this.#queuedBytes -= bytes;
    this.#delivery.hold(() => this.#drain());
  }

  /**
   * Takes nothing more, and completes once the line is empty. A last value may be handed in with
   * it, which has its place in line even where the line is full.
   */
  complete(last?: T): void {
    if (this.#isEnding) return;
    this.#delivery.hold(() => {
      if (last !== undefined) {
        const sizeBytes = this.#measure(last);
        if (!this.#offer(last, sizeBytes)) this.#wait(last, sizeBytes);
      }
      this.#isEnding = true;
      this.#completeWhenEmpty();
    });
  }

  /** Empties the line: its values are not passed on any more. */
  clearWaiting(): T[] {
    const values = this.#line.takeAll().map((waiting) => waiting.value);
    this.#waitingBytes = 0;
    this.#stallClock?.reset();
    this.#delivery.hold(() => {
      this.#updateLevel();
      this.#completeWhenEmpty();
    });
    return values;
  }

  #measure(value: T): number {
    const sizeBytes = this.#sizeOf(value);
    // Sums that are none would let everything pass, and nothing be released any more.
    if (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0) return sizeBytes;
    throw new InvalidConfigError("sizeOf", "a function that gives an integer from 0", sizeBytes);
  }

  #offer(value: T, sizeBytes: number): boolean {
    if (!this.hasRoomFor(sizeBytes)) return false;
    this.#delivery.enter();
    try {
      this.#pass(value, sizeBytes);
    } finally {
      this.#delivery.leave();
    }
    return true;
  }

  #hasRoom(sizeBytes: number): boolean {
    if (this.#queued >= this.#capacity) return false;
    // A value larger than the whole queue passes when it is the only one.
    return this.#queuedBytes + sizeBytes <= this.#capacityBytes || this.#queued === 0;
  }

  #pass(value: T, sizeBytes: number): void {
    this.#queued += 1;
    this.#queuedBytes += sizeBytes;
    this.#updateLevel();
    this.#values.next(value);
    if (this.#queued >= this.#capacity) this.#exhausted.next("count");
  }

  #wait(value: T, sizeBytes: number): void {
    const arrivedAt = this.#scheduler.now();
    const mark = this.#stallClock?.markOfArrival(arrivedAt) ?? 0;
    this.#line.push({ value, sizeBytes, arrivedAt, mark });
    this.#waitingBytes += sizeBytes;
    this.#updateLevel();
    this.#tellExhausted();
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (let head = this.#line.peek(); head !== undefined; head = this.#line.peek()) {
      if (!this.#hasRoom(head.sizeBytes)) break;
      this.#line.shift();
      this.#waitingBytes -= head.sizeBytes;
      if (this.#line.length === 0) this.#stallClock?.reset();
      this.#pass(head.value, head.sizeBytes);
    }
    this.#isDraining = false;
    this.#updateLevel();
    if (this.#line.length > 0) this.#tellExhausted();
    this.#completeWhenEmpty();
  }

  #tellExhausted(): void {
    this.#exhausted.next(this.#queued >= this.#capacity ? "count" : "bytes");
  }

  #completeWhenEmpty(): void {
    if (!this.#isEnding || this.#line.length > 0 || this.#isDraining) return;
    this.#values.complete();
    if (this.#queued === 0) this.#delivery.deliver(() => this.#pressures.complete());
  }

  #updateLevel(): void {
    const level = this.#levelNow();
    if (level === this.#level) return;
    this.#level = level;
    const pressure = this.#pressure();
    this.#delivery.deliver(() => this.#pressures.next(pressure));
  }

  #levelNow(): PressureLevel {
    if (this.#line.length > 0) return "stalling";
    const threshold = this.#level === "clear" ? RISING_FROM : CLEAR_BELOW;
    const isRising =
      this.#queued >= this.#capacity * threshold ||
      this.#queuedBytes >= this.#capacityBytes * threshold;
    return isRising ? "rising" : "clear";
  }

  #pressure(): Pressure {
    return {
      level: this.#level,
      queued: this.#queued,
      waiting: this.#line.length,
      oldestWaitMs: this.#oldestWaitMs(),
    };
  }

  #oldestWaitMs(): number {
    const oldest = this.#line.peek();
    return oldest === undefined ? 0 : Math.max(0, this.#scheduler.now() - oldest.arrivedAt);
  }

  #stallClockOf(thresholdMs: number | undefined): StallClock | undefined {
    if (thresholdMs === undefined) return undefined;
    return new StallClock({
      thresholdMs,
      scheduler: this.#scheduler,
      oldest: () => this.#line.peek(),
      onStall: () => this.#stalls.next(Math.max(thresholdMs, this.#oldestWaitMs())),
    });
  }
}
