import { InvalidConfigError } from "../model/errors.ts";

/** @throws {@link InvalidConfigError} unless a text is a whole number from `min` on. */
export function integerOf(option: string, text: string, min: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new InvalidConfigError(option, `a whole number from ${min}`, text);
}
