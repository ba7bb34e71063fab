import * as assert from "uvu/assert";
import { TidemarkError } from "../../../src/model/errors.ts";

/** Checks that a promise rejects with an error of ours that has these fields. */
export async function rejects(
  promise: Promise<unknown>,
  fields: Readonly<Record<string, unknown>>,
): Promise<TidemarkError> {
  const error = await promise.then(
    () => assert.unreachable("resolved"),
    (reason: unknown) => reason,
  );
  return matches(error, fields);
}

/** Checks that a call throws an error of ours that has these fields. */
export function throws(
  call: () => unknown,
  fields: Readonly<Record<string, unknown>>,
): TidemarkError {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  return matches(error, fields);
}

function matches(error: unknown, fields: Readonly<Record<string, unknown>>): TidemarkError {
  if (!(error instanceof TidemarkError)) {
    throw new Error("Expected an error of ours", { cause: error });
  }
  for (const [field, value] of Object.entries(fields)) {
    assert.equal(Reflect.get(error, field), value, `${field} of ${error.message}`);
  }
  return error;
}
