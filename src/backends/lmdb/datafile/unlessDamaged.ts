import { CorruptedError } from "../../../model/errors.ts";

/** What a step comes to; undefined where it finds damage. */
export function unlessDamaged<Result>(step: () => Result): Result | undefined {
  try {
    return step();
  } catch (error) {
    if (error instanceof CorruptedError) return undefined;
    throw error;
  }
}
