import type { HaltReason } from "../model/halt.ts";
import { jsonOf } from "./jsonOf.ts";

/** A halt reason as one line of JSON. Of its cause, which may be anything, the text alone. */
export function haltJson(reason: HaltReason): string {
  if (!("cause" in reason) || reason.cause === undefined) return jsonOf(reason);
  const { cause } = reason;
  return jsonOf({ ...reason, cause: cause instanceof Error ? cause.message : printed(cause) });
}

function printed(cause: unknown): string {
  return typeof cause === "string" ? cause : Object.prototype.toString.call(cause);
}
