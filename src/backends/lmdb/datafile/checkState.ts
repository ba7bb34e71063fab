import { FullCheck } from "./FullCheck.ts";
import type { PageFile } from "./PageFile.ts";
import type { Snapshot } from "./Snapshot.ts";

/**
 * Checks in slices all that one transaction has left, while nobody writes.
 *
 * @throws {@link CorruptedError}
 */
export function* checkState(file: PageFile, snapshot: Snapshot): Generator<undefined, void> {
  yield* new FullCheck(file, { look: (look) => look(snapshot) }).slices();
}

/** What comes of slices that are done in one turn. */
export function resultOf<Result>(slices: Generator<undefined, Result>): Result {
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}
