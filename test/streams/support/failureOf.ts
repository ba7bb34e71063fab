import { TidemarkError } from "../../../src/model/errors.ts";

/** What the promise rejects with; throws where it resolves, or rejects with anything but ours. */
export async function failureOf(promise: Promise<unknown>): Promise<TidemarkError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (failure) {
    if (failure instanceof TidemarkError) return failure;
    throw failure;
  }
  throw new Error(`Expected a rejection, got ${String(value)}`);
}

/** What the call throws, under the same terms. */
export function thrownBy(call: () => unknown): TidemarkError {
  let value: unknown;
  try {
    value = call();
  } catch (failure) {
    if (failure instanceof TidemarkError) return failure;
    throw failure;
  }
  throw new Error(`Expected a throw, got ${String(value)}`);
}

/** How a promise stands by now, without waiting for it. */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  const pending = Symbol("pending");
  try {
    const value = await Promise.race([promise, Promise.resolve(pending)]);
    return value === pending ? "pending" : "resolved";
  } catch (failure) {
    return failure instanceof TidemarkError ? failure.code : String(failure);
  }
}
