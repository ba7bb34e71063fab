import type { Entry, Seq } from "../model/entry.ts";
import { ReplayError } from "../model/errors.ts";
import { LIFECYCLE_TOPIC_PREFIX } from "../model/manifest.ts";
import type { SnapshotReplayPlan } from "../model/Run.ts";
import type { ReplaySource } from "./lineage.ts";

/** How the entries of a payload type change a state. */
export type Reducers<State> = Readonly<Record<string, (state: State, entry: Entry) => State>>;

/** How a {@link StateFold} goes about it. */
export interface StateFoldConfig<State> {
  readonly reducers: Reducers<State>;
  readonly onUnknown: "ignore" | "error";
}

/** A state, and the entries that have led to it. */
export class StateFold<State> {
  state: State;
  applied = 0;
  ignored = 0;
  readonly #reducers: Reducers<State>;
  readonly #onUnknown: "ignore" | "error";

  constructor(state: State, { reducers, onUnknown }: StateFoldConfig<State>) {
    this.state = state;
    this.#reducers = reducers;
    this.#onUnknown = onUnknown;
  }

  /** Applies the entries of a plan. @throws as `replay` */
  async add(source: ReplaySource, { fromSeq, toSeq, isEmpty }: SnapshotReplayPlan): Promise<void> {
    if (isEmpty) return;
    const runId = source.manifest?.runId;
    for await (const entry of source.entries({ from: fromSeq, to: toSeq })) {
      this.#apply(entry, runId);
    }
  }

  #apply(entry: Entry, runId: string | undefined): void {
    const { payloadType } = entry;
    // A payload type may be called `constructor`.
    const reduce = Object.hasOwn(this.#reducers, payloadType)
      ? this.#reducers[payloadType]
      : undefined;
    if (reduce === undefined) {
      if (this.#onUnknown === "error" && !entry.topic.startsWith(LIFECYCLE_TOPIC_PREFIX)) {
        throw new ReplayError("has no reducer", placeOf(entry, runId));
      }
      this.ignored += 1;
      return;
    }
    try {
      this.state = reduce(this.state, entry);
    } catch (cause) {
      throw new ReplayError("could not be applied", placeOf(entry, runId), { cause });
    }
    this.applied += 1;
  }
}

function placeOf(
  { seq, payloadType }: Entry,
  runId: string | undefined,
): { readonly seq: Seq; readonly payloadType: string; readonly runId: string | undefined } {
  return { seq, payloadType, runId };
}
