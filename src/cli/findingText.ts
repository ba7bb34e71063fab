import type { Finding } from "../index.ts";
import { visible } from "./visibleText.ts";

type Kind = Finding["kind"];
type Details<K extends Kind> = (finding: Finding & { readonly kind: K }) => string;

const DETAILS: { readonly [K in Kind]: Details<K> } = {
  "hash-mismatch": ({ seq }) => `the hash of entry ${seq} does not hold`,
  undecodable: ({ seq, reason }) => `entry ${seq} cannot be read: ${reason ?? "no reason known"}`,
  gap: ({ from, to }) => `entries ${from} to ${to} are missing`,
  "seq-mismatch": ({ storedAt, seq }) => `where entry ${storedAt} belongs is ${seq}`,
  "chain-broken": ({ seq }) => `the frame of entry ${seq} does not follow the one before it`,
  "index-drift": driftOf,
  "anchor-invalid": reasonOf,
  "manifest-mismatch": reasonOf,
  structure: reasonOf,
  "rolled-back": reasonOf,
};

/** What was found, in one line. */
export function findingText(finding: Finding): string {
  const details = DETAILS[finding.kind] as (finding: Finding) => string;
  return visible(`${finding.kind}: ${details(finding)}`);
}

function driftOf(finding: Extract<Finding, { kind: "index-drift" }>): string {
  const { indexKind, key, storedSeq, expectedSeq } = finding;
  const stored = storedSeq === undefined ? "is not in the index" : `leads to ${storedSeq}`;
  const expected =
    expectedSeq === undefined
      ? "which does not bear it out"
      : `the first to carry it is ${expectedSeq}`;
  return `${indexKind}=${key} ${stored}, ${expected}`;
}

function reasonOf({ reason }: { readonly reason: string }): string {
  return reason;
}
