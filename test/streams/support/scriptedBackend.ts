import { noop, Subject, type Observable } from "rxjs";
import { MemoryBackend } from "../../../src/backends/memory/MemoryBackend.ts";
import { StoredRun } from "../../../src/backends/memory/StoredRun.ts";
import type { Ack, Frame } from "../../../src/backends/Backend.ts";
import { FORMAT_VERSION } from "../../../src/format/formatVersion.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../../../src/model/manifest.ts";

/** A run that nobody has written to. */
export function storedRun(): StoredRun {
  return new StoredRun({
    formatVersion: FORMAT_VERSION,
    runId: "1-00000001",
    instanceId: "default",
    identity: {},
    startTsInit: 1n,
    highWatermark: 0,
    status: "running",
  });
}

/**
 * A memory backend that waits to be told: every append, anchor, seal and close stands still until
 * the test answers it.
 */
export class ScriptedBackend extends MemoryBackend {
  /** What was asked for, in order. */
  readonly calls: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #fails: ((failure: unknown) => void)[] = [];

  constructor(stored: StoredRun = storedRun()) {
    super(stored, () => this.calls.push("fail"));
  }

  /** Lets the oldest open step happen. */
  answer(): void {
    this.takeAnswer()();
  }

  /** Takes the oldest open step out of their line, and gives what lets it happen. */
  takeAnswer(): () => void {
    this.#fails.shift();
    return this.#waiting.shift() ?? noop;
  }

  /** Fails the oldest open step; nothing of it happens. */
  failWith(failure: unknown): void {
    this.#waiting.shift();
    this.#fails.shift()?.(failure);
  }

  override append(frames: readonly Frame[]): Observable<Ack> {
    const spans = frames.map(({ fromSeq, toSeq }) => `${fromSeq}-${toSeq}`).join(",");
    return this.#later(`append ${spans}`, () => super.append(frames));
  }

  override recordSnapshotAnchor(anchor: SnapshotAnchor): Observable<void> {
    return this.#later(`anchor ${anchor.highWatermark}`, () => super.recordSnapshotAnchor(anchor));
  }

  override seal(status: SealedStatus): Observable<RunManifest> {
    return this.#later(`seal ${status}`, () => super.seal(status));
  }

  override close(): Observable<void> {
    return this.#later("close", () => super.close());
  }

  #later<Answer>(call: string, step: () => Observable<Answer>): Observable<Answer> {
    this.calls.push(call);
    const answer = new Subject<Answer>();
    this.#waiting.push(() => step().subscribe(answer));
    this.#fails.push((failure) => answer.error(failure));
    return answer.asObservable();
  }
}
