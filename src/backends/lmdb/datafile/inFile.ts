import { CorruptedError } from "../../../model/errors.ts";

/** Takes steps in slices as {@link inFile} takes one. */
export function* slicesInFile(
  path: string,
  slices: Iterator<undefined, void>,
): Generator<undefined, void> {
  while (inFile(path, () => slices.next().done !== true)) yield;
}

/** Takes a step, and puts the path of the file before what it says of damage. */
export function inFile<Result>(path: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof CorruptedError)) throw error;
    const { reason, seq, storedAt } = error;
    throw new CorruptedError(`${path}: ${reason}`, seq, {
      cause: error,
      ...(storedAt === undefined ? {} : { storedAt }),
    });
  }
}
