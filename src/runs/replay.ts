import { InvalidConfigError } from "../model/errors.ts";
import type { SnapshotAnchor } from "../model/manifest.ts";
import { checkRecord } from "../model/options.ts";
import type { SnapshotReplayPlan } from "../model/Run.ts";
import { catalogOf, type CatalogAddress } from "./catalogOf.ts";
import { copiedState } from "./copiedState.ts";
import { lineageOf, openParent, type ReplaySource } from "./lineage.ts";
import { releasing } from "./releasing.ts";
import { StateFold, type Reducers } from "./StateFold.ts";

/** What to replay, and how its entries become state. */
export interface ReplayOptions<State> {
  /** The run: one that is read, or the one that is being written. */
  readonly reader: ReplaySource;
  /**
   * The state before the first entry: a value, which is copied as `structuredClone` does, or a
   * function that makes one, for a state that holds instances of classes.
   */
  readonly initial: State | (() => State);
  /** By payload type. They may change the state that they are given: it is nobody else's yet. */
  readonly reducers: Reducers<State>;
  /**
   * Brings the state of a snapshot back; without it everything is replayed from the first entry on.
   * Whether the blob is the one that was anchored is for it to check, by `contentHash`.
   */
  readonly restoreSnapshot?: (anchor: SnapshotAnchor) => State | Promise<State>;
  /** What to do with an entry of a type that has no reducer; default `ignore`. */
  readonly onUnknown?: "ignore" | "error";
  /**
   * Where the runs are that this one continues: the replay then begins with the oldest of them, or
   * with the newest snapshot of all of them.
   */
  readonly fromParents?: CatalogAddress;
}

/** What a replay came to. */
export interface Replayed<State> {
  readonly state: State;
  /** What was read of the run; its `anchor` is the snapshot that was restored, if one of it was. */
  readonly plan: SnapshotReplayPlan;
  /** What was read of its parents before that, oldest first; empty without `fromParents`. */
  readonly parents: readonly { readonly runId: string; readonly plan: SnapshotReplayPlan }[];
  /** Entries that had a reducer. */
  readonly applied: number;
  /** Entries that had none, lifecycle entries included. */
  readonly ignored: number;
}

/**
 * Makes the state that a run has led to: the newest snapshot, then every entry after it, in order,
 * up to the watermark at the call. Reads a page at a time and changes nothing but the state.
 *
 * Entries that tidemark itself writes (`RunStarted`, `RunEnded`) go to a reducer of their type if
 * there is one; they are never unknown.
 *
 * @example
 * ```ts
 * const { state } = await replay({
 *   reader,
 *   initial: { filled: 0 },
 *   reducers: { Fill: ({ filled }, { payload }) => ({ filled: filled + quantityOf(payload) }) },
 *   restoreSnapshot: async ({ blobRef }) => JSON.parse(await readFile(blobRef, "utf8")),
 * });
 * ```
 * @throws {@link ReplayError} with seq, type and the cause where a reducer throws, and for an unknown
 * type with `onUnknown: "error"`; {@link QuarantinedError} for a run, and with `fromParents` for a
 * parent, that is; {@link NotFoundError} for a parent that is not there; what the reading of an
 * entry throws, and what `restoreSnapshot` does. Nothing of the state is handed out then.
 */
export async function replay<State>(options: ReplayOptions<State>): Promise<Replayed<State>> {
  const { reader, reducers, restoreSnapshot, onUnknown = "ignore", fromParents } = checked(options);
  const canRestore = restoreSnapshot !== undefined;
  const { own, parents } = await lineageOf(reader, { canRestore, parents: fromParents });
  const { anchor } = parents[0]?.plan ?? own;
  const state =
    anchor === undefined || restoreSnapshot === undefined
      ? freshState(options.initial)
      : await restoreSnapshot(anchor);
  const fold = new StateFold(state, { reducers, onUnknown });
  for (const { instanceId, runId, plan } of parents) {
    const parent = await openParent(fromParents ?? {}, instanceId, runId, "full");
    await releasing(
      () => parent.close(),
      () => fold.add(parent, plan),
    );
  }
  await fold.add(reader, own);
  return {
    state: fold.state,
    plan: own,
    parents: parents.map(({ runId, plan }) => ({ runId, plan })),
    applied: fold.applied,
    ignored: fold.ignored,
  };
}

function checked<State>(options: ReplayOptions<State>): ReplayOptions<State> {
  checkRecord("options", options);
  const { reader, reducers, restoreSnapshot, onUnknown, fromParents } = options;
  checkRecord("reader", reader);
  checkRecord("reducers", reducers);
  for (const [type, reducer] of Object.entries(reducers))
    checkFunction(`reducers.${type}`, reducer);
  if (restoreSnapshot !== undefined) checkFunction("restoreSnapshot", restoreSnapshot);
  if (onUnknown !== undefined && onUnknown !== "ignore" && onUnknown !== "error") {
    throw new InvalidConfigError("onUnknown", "ignore or error", onUnknown);
  }
  // What is wrong with it is told before anything is read.
  if (fromParents !== undefined) catalogOf(fromParents);
  return options;
}

function checkFunction(option: string, value: unknown): void {
  if (typeof value !== "function") throw new InvalidConfigError(option, "a function", value);
}

/** A state of its own, so that nothing that a failed replay has changed is anybody else's. */
function freshState<State>(initial: State | (() => State)): State {
  return typeof initial === "function" ? (initial as () => State)() : copiedState(initial);
}
