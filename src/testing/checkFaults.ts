import { InvalidConfigError } from "../model/errors.ts";
import { checkInteger, checkNames, checkRecord, MAX_TIMER_MS } from "../model/options.ts";
import type { Fault, FaultKind } from "./Fault.ts";

const NAMES = ["at", "on", "fail", "stallMs", "never"];
const STEPS: ReadonlySet<unknown> = new Set(["anchor", "seal"]);
const KINDS: Readonly<Record<FaultKind, true>> = {
  disk: true,
  corrupted: true,
  error: true,
  fenced: true,
};

/**
 * @throws {@link InvalidConfigError} for a fault that would strike nowhere, or do nothing.
 */
export function checkFaults(faults: readonly Fault[]): void {
  if (!Array.isArray(faults)) throw new InvalidConfigError("faults", "an array of faults", faults);
  for (const [position, fault] of faults.entries()) {
    const place = `faults[${position}]`;
    checkRecord(place, fault);
    checkNames(place, fault, NAMES);
    checkStep(place, fault);
    checkTrouble(place, { ...fault });
  }
}

function checkStep(place: string, fault: { readonly at?: unknown; readonly on?: unknown }): void {
  if (!("on" in fault)) {
    checkInteger(`${place}.at`, fault.at, 1, Number.MAX_SAFE_INTEGER);
    return;
  }
  if ("at" in fault) {
    throw new InvalidConfigError(`${place}.at`, "absent where `on` is given", fault.at);
  }
  if (!STEPS.has(fault.on)) {
    throw new InvalidConfigError(`${place}.on`, "anchor or seal", fault.on);
  }
}

function checkTrouble(place: string, fault: Readonly<Partial<Record<string, unknown>>>): void {
  const { fail, stallMs, never } = fault;
  if ("stallMs" in fault) checkInteger("stallMs", stallMs, 0, MAX_TIMER_MS);
  if ("never" in fault && never !== true) {
    throw new InvalidConfigError(`${place}.never`, "true", never);
  }
  const isHarmless = !("stallMs" in fault || "never" in fault);
  if ("fail" in fault ? !isKind(fail) : isHarmless) {
    throw new InvalidConfigError(`${place}.fail`, `one of ${Object.keys(KINDS).join(", ")}`, fail);
  }
}

function isKind(value: unknown): boolean {
  return typeof value === "string" && Object.hasOwn(KINDS, value);
}
