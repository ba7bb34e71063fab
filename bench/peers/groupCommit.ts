import { BehaviorSubject } from "rxjs";
import type { CapturedDraft, Seq } from "../../src/model/entry.ts";
import { systemClock } from "../../src/streams/systemClock.ts";
import { captured } from "../drafts.ts";
import type { Pipeline } from "../pipelines.ts";
import type { Store } from "./Store.ts";

/** Entries that wait for the next transaction; one more is refused. */
const MAX_PENDING = 1_000_000;

/**
 * The pipeline that whoever knows a store well would put before it: at the end of a turn everything
 * that is there goes into one transaction, and whatever comes while that is under way into the next
 * one. No timer, no limit to a transaction: the fewest syncs per entry, and no waiting for company.
 */
export function groupCommit(store: Store): Pipeline {
  const watermarks = new BehaviorSubject<Seq>(0);
  let pending: CapturedDraft[] = [];
  let accepted = 0;
  let committing: Promise<void> | undefined;

  const commitAll = async (): Promise<void> => {
    await endOfTurn();
    while (pending.length > 0) {
      const entries = pending;
      pending = [];
      await store.prepare(entries, watermarks.value + 1)();
      watermarks.next(watermarks.value + entries.length);
      await endOfTurn();
    }
  };
  const begin = (): void => {
    committing = commitAll()
      .catch((failure: unknown) => watermarks.error(failure))
      .finally(() => (committing = undefined));
  };
  return {
    offer(draft) {
      if (pending.length === MAX_PENDING) return false;
      accepted += 1;
      pending.push(captured(draft, systemClock.now()));
      if (committing === undefined) begin();
      return true;
    },
    get accepted() {
      return accepted;
    },
    watermark$: watermarks.asObservable(),
    async close() {
      await committing;
      await store.close();
    },
  };
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
