import { setTimeout } from "node:timers/promises";
import { BackendError } from "../../model/errors.ts";
import type { OnFailure } from "./LmdbBackend.ts";

/** How long the disk may take over files beside a log, each time. */
const FILES_WITHIN_MS = 10_000;

/**
 * Takes a step with files, for as long as a disk that works takes at the most. Rejects with what the
 * step does, or {@link BackendError} where it is not done by then.
 *
 * @param onHang - called then: the step cannot be called off, and may still land.
 */
export async function inTime<Result>(
  step: () => Promise<Result>,
  onHang: OnFailure = () => {},
): Promise<Result> {
  const end = new AbortController();
  let isOver = false;
  const result = step().finally(() => {
    isOver = true;
    end.abort();
  });
  const limit = setTimeout(FILES_WITHIN_MS, undefined, { signal: end.signal }).then(
    () => true,
    // Called off: the step is over.
    () => false,
  );
  if (await Promise.race([limit, result.then(isDone, isDone)])) {
    // Nobody waits for it any more.
    result.catch(() => undefined);
    onHang(async () => isOver);
    throw new BackendError(`The disk has not answered for ${FILES_WITHIN_MS} ms`);
  }
  return result;
}

function isDone(): false {
  return false;
}
