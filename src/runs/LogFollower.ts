import {
  asyncScheduler,
  audit,
  BehaviorSubject,
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  filter,
  finalize,
  from,
  interval,
  map,
  merge,
  of,
  take,
  takeWhile,
  tap,
  timer,
  Observable,
  type ObservableInput,
} from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import { CorruptedError } from "../model/errors.ts";

/** How soon after a look the next one may begin. */
const LOOK_EVERY_MS = 5;
/** How often to look where the log does not tell of its changes. */
const POLL_EVERY_MS = 20;
/** How often to ask, where nothing comes, whether anything may; and to look though nothing is told. */
const ASK_EVERY_MS = 1_000;

/** What a look at the log has found. */
interface Sight {
  readonly watermark: Seq;
  readonly isEnd: boolean;
}

/**
 * Follows a log that somebody else writes. Looks at it when it tells of a change, at most every 5 ms,
 * and every second besides; every 20 ms where it cannot tell.
 */
export class LogFollower {
  readonly #log: RunLog;
  readonly #goesOn: () => ObservableInput<boolean>;
  readonly #isIdle$ = new BehaviorSubject(true);
  #isToAsk = false;
  #lookedAtMs = -Infinity;
  #highest: Seq;
  /** How far the log was when last nobody wrote it. */
  #quietAt: Seq | undefined;

  /**
   * The watermark as it is, then whenever it rises. Completes once the run is sealed, or when asked
   * twice, a second apart, with nothing new between, nobody writes it. Errors with what keeps the log from being looked at, and with {@link CorruptedError}
   * where the watermark falls. Cold; holds a watch and timers, which keep the process alive, only
   * while it is subscribed to.
   */
  readonly watermark$: Observable<Seq>;

  /**
   * @param goesOn - whether something may still come; asked only where nothing does, and of no
   * sealed run.
   */
  constructor(log: RunLog, goesOn: () => ObservableInput<boolean>) {
    this.#log = log;
    this.#goesOn = goesOn;
    this.#highest = log.watermark;
    this.watermark$ = defer(() => (this.#isSealed ? of(log.watermark) : this.#looks()));
  }

  get #isSealed(): boolean {
    return this.#log.manifest.status !== "running";
  }

  #looks(): Observable<Seq> {
    this.#quietAt = undefined;
    this.#isToAsk = false;
    // The first one is not waited for: what came before the watch began has told nobody.
    const tells$ = merge(of(undefined), this.#changes());
    // Whatever else comes until the next look, that one asks.
    const asks$ = interval(ASK_EVERY_MS).pipe(
      tap(() => {
        this.#isToAsk = true;
      }),
    );
    return merge(tells$, asks$).pipe(
      audit(() => this.#mayLook()),
      concatMap(() => this.#look()),
      takeWhile(({ isEnd }) => !isEnd, true),
      map(({ watermark }) => watermark),
      distinctUntilChanged(),
    );
  }

  #changes(): Observable<unknown> {
    const polls$ = interval(POLL_EVERY_MS);
    const changes$ = this.#log.changes$;
    if (changes$ === undefined) return polls$;
    return new Observable((subscriber) => changes$.subscribe(subscriber)).pipe(
      catchError(() => polls$),
    );
  }

  /** Emits when the next look may begin: whatever is told meanwhile is seen by that one. */
  #mayLook(): Observable<unknown> {
    // The wall clock may have been set.
    const leftMs = this.#lookedAtMs + LOOK_EVERY_MS - asyncScheduler.now();
    return timer(Math.min(LOOK_EVERY_MS, Math.max(0, leftMs))).pipe(
      concatMap(() => this.#isIdle$.pipe(filter(Boolean), take(1))),
    );
  }

  #look(): Observable<Sight> {
    return defer(() => {
      const asks = this.#isToAsk;
      this.#isToAsk = false;
      this.#isIdle$.next(false);
      this.#lookedAtMs = asyncScheduler.now();
      const before = this.#log.watermark;
      return this.#sight().pipe(
        concatMap((seen) => {
          if (!asks || seen.isEnd || seen.watermark !== before) return of(seen);
          return from(this.#goesOn()).pipe(concatMap((goesOn) => this.#afterAsking(goesOn, seen)));
        }),
        finalize(() => this.#isIdle$.next(true)),
      );
    });
  }

  /** A commit under way outlives whoever asked for it: only the second "nobody" is the end. */
  #afterAsking(goesOn: boolean, seen: Sight): Observable<Sight> {
    const quietAt = this.#quietAt;
    this.#quietAt = undefined;
    if (goesOn) return of(seen);
    return this.#sight().pipe(
      map(({ watermark, isEnd }) => {
        this.#quietAt = watermark;
        return { watermark, isEnd: isEnd || watermark === quietAt };
      }),
    );
  }

  #sight(): Observable<Sight> {
    return from(this.#log.refresh()).pipe(
      map((watermark) => {
        if (watermark < this.#highest) {
          throw new CorruptedError(`The log went back from ${this.#highest} to ${watermark}`);
        }
        this.#highest = watermark;
        return { watermark, isEnd: this.#isSealed };
      }),
    );
  }
}
