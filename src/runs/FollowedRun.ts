import {
  defer,
  exhaustMap,
  map,
  of,
  ReplaySubject,
  share,
  takeWhile,
  timer,
  type Observable,
} from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { ReadOptions, RunCatalog } from "../backends/RunCatalog.ts";
import type { Seq } from "../model/entry.ts";
import type { RunManifest } from "../model/manifest.ts";
import type { RunSummary } from "../model/Run.ts";
import type { Closing } from "./Closing.ts";
import { LogFollower } from "./LogFollower.ts";
import type { LogSource } from "./LogSource.ts";
import { closed, openedLog$ } from "./openLog.ts";
import { sequelOf, type Sequel } from "./sequelOf.ts";

/** How often to look for the child of a run that may get one. */
const SEEK_EVERY_MS = 250;

/** Where a run is, how it is opened, and how long it is read. */
export interface FollowedRunConfig extends ReadOptions {
  readonly catalog: RunCatalog;
  readonly closing: Closing;
}

/** A run that is read, whoever writes it, and what comes after it; closed with its reader. */
export class FollowedRun {
  readonly #log: RunLog;
  readonly #config: FollowedRunConfig;
  #ending: Promise<void> | undefined;
  /** Ends with the run, or where nobody writes it any more. */
  readonly source: LogSource;
  /** Goes on as long as whoever opens the next run may seal this one. */
  readonly patientSource: LogSource;

  constructor(log: RunLog, config: FollowedRunConfig) {
    this.#log = log;
    this.#config = config;
    config.closing.keep(this);
    this.source = this.#followed((run) => run.isLive);
    this.patientSource = this.#followed((run, sequel) => {
      return run.isLive || ("mayCome" in sequel && sequel.mayCome);
    });
  }

  get manifest(): RunManifest {
    return this.#log.manifest;
  }

  /** What comes after the run: emits at once, and again while it may yet come. */
  sequel$(): Observable<Sequel> {
    return timer(0, SEEK_EVERY_MS).pipe(
      exhaustMap(() => this.#runs()),
      map((runs) => sequelOf(runs, this.manifest.runId)),
      takeWhile((sequel) => "mayCome" in sequel && sequel.mayCome, true),
      this.#config.closing.ends(),
    );
  }

  /** Opens another run of the instance, to be read as this one is. */
  sibling$({ instanceId, runId }: RunManifest): Observable<FollowedRun> {
    const { catalog } = this.#config;
    return openedLog$({ catalog, instanceId, runId }, this.#config).pipe(
      map((log) => new FollowedRun(log, this.#config)),
      this.#config.closing.ends(),
    );
  }

  close(): Promise<void> {
    this.#config.closing.drop(this);
    this.#ending ??= closed(this.#log);
    return this.#ending;
  }

  #followed(goesOn: (run: RunSummary, sequel: Sequel) => boolean): LogSource {
    const log = this.#log;
    const { closing } = this.#config;
    const { runId } = log.manifest;
    const follower = new LogFollower(log, () =>
      this.#runs().pipe(
        map((runs) => {
          const sequel = sequelOf(runs, runId);
          return runs.some((run) => run.manifest.runId === runId && goesOn(run, sequel));
        }),
      ),
    );
    // One look for all who wait; nothing is held while nobody does.
    const watermark$ = follower.watermark$.pipe(
      closing.ends(),
      share({ connector: () => new ReplaySubject<Seq>(1) }),
    );
    return {
      get watermark() {
        return log.watermark;
      },
      watermark$,
      look: () =>
        defer(() => {
          closing.check();
          // What is sealed stays as it is.
          return log.manifest.status === "running" ? log.refresh() : of(log.watermark);
        }).pipe(closing.ends()),
      borrow: () => defer(() => (closing.check(), of(log))),
      giveBack: () => {},
      checkReadable: () => closing.check(),
    };
  }

  #runs(): Observable<readonly RunSummary[]> {
    const { runId, instanceId } = this.manifest;
    return defer(() => this.#config.catalog.list(instanceId, { since: runId }));
  }
}
