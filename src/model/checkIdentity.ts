import { InvalidConfigError } from "./errors.ts";
import type { RunIdentity } from "./manifest.ts";
import { checkNames, checkRecord } from "./options.ts";

const MAX_TEXT_BYTES = 1024;
const MAX_ITEMS = 1024;
const MAX_SEED = 2n ** 64n - 1n;

const TEXTS = ["binaryHash", "configHash"] as const;
const LISTS = ["subscriptions", "endpoints"] as const;
const MAPS = ["actors", "strategies", "algorithms"] as const;

/**
 * @throws {@link InvalidConfigError} for a field that is unknown or out of bounds.
 */
export function checkIdentity(identity: RunIdentity): void {
  checkRecord("identity", identity);
  checkNames("identity", identity, [
    ...TEXTS,
    "schemaVersion",
    "seed",
    "featureFlags",
    "adapterVersions",
    "components",
  ]);
  for (const name of TEXTS) optional(`identity.${name}`, identity[name], checkText);
  optional("identity.schemaVersion", identity.schemaVersion, checkVersion);
  optional("identity.seed", identity.seed, checkSeed);
  optional("identity.featureFlags", identity.featureFlags, checkList);
  optional("identity.adapterVersions", identity.adapterVersions, checkMap);
  const { components } = identity;
  if (components === undefined) return;
  checkRecord("identity.components", components);
  checkNames("identity.components", components, [...MAPS, ...LISTS]);
  for (const name of MAPS) optional(`identity.components.${name}`, components[name], checkMap);
  for (const name of LISTS) optional(`identity.components.${name}`, components[name], checkList);
}

function optional(
  option: string,
  value: unknown,
  check: (option: string, value: unknown) => void,
): void {
  if (value !== undefined) check(option, value);
}

function checkText(option: string, value: unknown): void {
  const isText = typeof value === "string" && value.isWellFormed();
  if (!isText || Buffer.byteLength(value) > MAX_TEXT_BYTES) {
    throw new InvalidConfigError(option, `at most ${MAX_TEXT_BYTES} bytes of text`, value);
  }
}

function checkVersion(option: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new InvalidConfigError(option, "an integer from 0", value);
  }
}

function checkSeed(option: string, value: unknown): void {
  if (typeof value !== "bigint" || value < 0n || value > MAX_SEED) {
    throw new InvalidConfigError(option, "a bigint from 0 to 2^64 - 1", value);
  }
}

function checkList(option: string, value: unknown): void {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) {
    throw new InvalidConfigError(option, `an array of at most ${MAX_ITEMS} texts`, value);
  }
  for (const item of value as readonly unknown[]) checkText(option, item);
}

function checkMap(option: string, value: unknown): void {
  checkRecord(option, value);
  const fields = Object.entries(value as Record<string, unknown>);
  if (fields.length > MAX_ITEMS) {
    throw new InvalidConfigError(option, `an object of at most ${MAX_ITEMS} texts`, fields.length);
  }
  for (const [name, text] of fields) {
    if (name === "__proto__") throw new InvalidConfigError(option, "without __proto__", name);
    checkText(`${option}.${name}`, name);
    checkText(`${option}.${name}`, text);
  }
}
