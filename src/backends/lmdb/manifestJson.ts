import { FORMAT_VERSION } from "../../format/formatVersion.ts";
import { CorruptedError, InvalidConfigError, UnsupportedFormatError } from "../../model/errors.ts";
import { isId } from "../../model/ids.ts";
import type {
  RegisteredComponents,
  RunIdentity,
  RunManifest,
  RunStatus,
} from "../../model/manifest.ts";

/** The bytes that a manifest may have, 1 MiB. */
export const MAX_MANIFEST_BYTES: number = 2 ** 20;

const MAX_TIMESTAMP = 2n ** 64n - 1n;
/** Digits of a seed: more than any generator takes, and quick to read. */
const MAX_INTEGER_LENGTH = 1_000;
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
const STATUSES: ReadonlySet<unknown> = new Set<RunStatus>([
  "running",
  "ended",
  "crashed-recovered",
  "quarantined",
]);

type Fields = Readonly<Record<string, unknown>>;
type Check = (path: string, value: unknown) => unknown;

/**
 * The text of manifest.json: the manifest as JSON, integers beyond 2^53 (timestamps and the seed) as
 * decimal strings.
 *
 * @throws {@link InvalidConfigError} for an identity that could not be read back.
 */
export function encodeManifest(manifest: RunManifest): string {
  try {
    const text = `${JSON.stringify(manifest, decimalOf, 2)}\n`;
    decodeManifest(Buffer.from(text));
    return text;
  } catch (cause) {
    const limit = `what manifest.json can hold in ${MAX_MANIFEST_BYTES} bytes`;
    throw new InvalidConfigError("manifest", limit, manifest, { cause });
  }
}

/**
 * The manifest of a text. Nothing of the text is trusted, and nothing that is not known is let pass.
 *
 * @throws {@link UnsupportedFormatError} for a version that is not known, else {@link CorruptedError}.
 */
export function decodeManifest(bytes: Uint8Array): RunManifest {
  if (bytes.byteLength > MAX_MANIFEST_BYTES) throw new CorruptedError("manifest.json is too large");
  const root = record("manifest", parse(bytes));
  const { formatVersion } = root;
  if (formatVersion !== FORMAT_VERSION) {
    if (!Number.isSafeInteger(formatVersion)) wrong("formatVersion", "an integer");
    throw new UnsupportedFormatError("manifest.json", formatVersion, FORMAT_VERSION);
  }
  const manifest = fields("", root, {
    formatVersion: { check: integer },
    runId: { check: id },
    instanceId: { check: id },
    parentRunId: { check: id, isOptional: true },
    identity: { check: identity },
    startTsInit: { check: timestamp },
    endTsInit: { check: timestamp, isOptional: true },
    highWatermark: { check: integer },
    status: { check: status },
  }) as unknown as RunManifest;
  if (manifest.status === "running") {
    if (manifest.highWatermark !== 0) wrong("highWatermark", "0 while the run is not sealed");
    if (manifest.endTsInit !== undefined) wrong("endTsInit", "absent while the run is not sealed");
  }
  return manifest;
}

function decimalOf(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new CorruptedError("manifest.json is no JSON", undefined, { cause });
  }
}

function identity(path: string, value: unknown): RunIdentity {
  return fields(`${path}.`, record(path, value), {
    binaryHash: { check: text, isOptional: true },
    configHash: { check: text, isOptional: true },
    schemaVersion: { check: number, isOptional: true },
    seed: { check: bigInteger, isOptional: true },
    featureFlags: { check: texts, isOptional: true },
    adapterVersions: { check: textsByName, isOptional: true },
    components: { check: components, isOptional: true },
  });
}

function components(path: string, value: unknown): RegisteredComponents {
  return fields(`${path}.`, record(path, value), {
    actors: { check: textsByName, isOptional: true },
    strategies: { check: textsByName, isOptional: true },
    algorithms: { check: textsByName, isOptional: true },
    subscriptions: { check: texts, isOptional: true },
    endpoints: { check: texts, isOptional: true },
  });
}

/** The fields of an object as their checks give them back; one that has no check is wrong. */
function fields(
  prefix: string,
  given: Fields,
  known: Readonly<Record<string, { readonly check: Check; readonly isOptional?: boolean }>>,
): Fields {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(known, name)) wrong(`${prefix}${name}`, "a field that is known");
  }
  const checked = Object.entries(known).flatMap(([name, { check, isOptional = false }]) => {
    if (isOptional && !Object.hasOwn(given, name)) return [];
    return [[name, check(`${prefix}${name}`, given[name])] as const];
  });
  return Object.fromEntries(checked);
}

function record(path: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) wrong(path, "an object");
  return value as Fields;
}

function text(path: string, value: unknown): string {
  if (typeof value !== "string") wrong(path, "a string");
  return value;
}

function texts(path: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) wrong(path, "an array of strings");
  return value.map((item) => text(path, item));
}

function textsByName(path: string, value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(record(path, value));
  // Object.fromEntries defines its properties, so that even `__proto__` is a name like any other.
  return Object.fromEntries(entries.map(([name, item]) => [name, text(`${path}.${name}`, item)]));
}

function id(path: string, value: unknown): string {
  if (!isId(value)) wrong(path, "an id");
  return value;
}

function status(path: string, value: unknown): RunStatus {
  if (!STATUSES.has(value)) wrong(path, "a status");
  return value as RunStatus;
}

function integer(path: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) wrong(path, "an integer from 0 up");
  return value as number;
}

function number(path: string, value: unknown): number {
  if (typeof value !== "number") wrong(path, "a number");
  return value;
}

function bigInteger(path: string, value: unknown): bigint {
  const digits = text(path, value);
  if (digits.length > MAX_INTEGER_LENGTH || !INTEGER.test(digits)) wrong(path, "an integer");
  return BigInt(digits);
}

function timestamp(path: string, value: unknown): bigint {
  const ns = bigInteger(path, value);
  if (ns < 0n || ns > MAX_TIMESTAMP) wrong(path, "nanoseconds from 0 to 2^64 - 1");
  return ns;
}

function wrong(path: string, expected: string): never {
  throw new CorruptedError(`manifest.json: expected \`${path}\` to be ${expected}`);
}
