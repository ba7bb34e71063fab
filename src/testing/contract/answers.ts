import { ok, strictEqual } from "node:assert/strict";
import { from, lastValueFrom, single, type ObservableInput } from "rxjs";
import { TidemarkError, type ErrorCode } from "../../model/errors.ts";

/** The one value of a port's answer; rejects where it has none, or more than one. */
export function settle<T>(answer: ObservableInput<T>): Promise<T> {
  return lastValueFrom(from(answer).pipe(single()));
}

/**
 * Checks that an answer is a failure with this code and these fields.
 *
 * @returns the failure, for those who want to look closer.
 */
export async function refuses(
  answer: ObservableInput<unknown>,
  code: ErrorCode,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<TidemarkError> {
  const failure = await failureOf(answer);
  ok(failure instanceof TidemarkError, `Expected a ${code}, got ${String(failure)}`);
  strictEqual(failure.code, code);
  for (const [field, value] of Object.entries(fields)) {
    strictEqual((failure as unknown as Record<string, unknown>)[field], value, field);
  }
  return failure;
}

async function failureOf(answer: ObservableInput<unknown>): Promise<unknown> {
  try {
    await settle(answer);
  } catch (failure) {
    return failure;
  }
  return undefined;
}
