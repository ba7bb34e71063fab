import { InvalidConfigError } from "./errors.ts";

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The instance that is meant when none is named. */
export const DEFAULT_INSTANCE_ID = "default";

/** Whether a string may name an instance or a run: it becomes the name of a folder. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value) && !value.includes("..");
}

/**
 * @throws {@link InvalidConfigError} unless the value may name an instance or a run.
 */
export function checkId(option: "instanceId" | "runId" | "parentRunId", value: unknown): string {
  if (isId(value)) return value;
  throw new InvalidConfigError(
    option,
    "1 to 128 of A-Z a-z 0-9 . _ - that start with a letter or digit and hold no `..`",
    value,
  );
}
