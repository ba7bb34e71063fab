import type { Answer } from "../damage/questions.ts";
import type { Damage } from "./damage.ts";

/** How damage is named to whoever reads. */
const DAMAGE = ["TIDEMARK_CORRUPTED", "TIDEMARK_HASH_MISMATCH", "TIDEMARK_GAP"];
const READ = ["right", ...DAMAGE];
/** A recovery proves the log. What is beside it is told by who asks for it, or verifies. */
const BESIDE_THE_LOG = /^recovered (?:index|keys|anchor)$/;
const INDEX_FINDINGS = ["right", "found: index-drift", "found: index-drift, structure"];
/** What was recovered was proved; what is beside the log may be as damaged as it was. */
const SIDE_FINDINGS = ["right", "found: structure", "found: manifest-mismatch"];

/** What may be said to questions that damage of one run must not keep from being answered. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  list: ["right", "problem"],
  open: ["crashed-recovered", "quarantined"],
  bystander: ["right"],
  "bystander after": ["right"],
  "recovered verify": INDEX_FINDINGS,
  "read close": ["right"],
  "edges close": ["right"],
};

/** What of an answer is wrong for itself, whatever else was said. */
export function answerFault({ question, said }: Answer, damage: Damage): string | undefined {
  if (isAllowed(question, said, damage)) return undefined;
  return `${question}: ${said}`;
}

function isAllowed(question: string, said: string, damage: Damage): boolean {
  if (question === "verify") return said.startsWith("found: ") || READ.includes(said);
  // Who has only the edges of a file checked is promised no more than that what is found is right.
  if (said.startsWith("missing")) return question === "edges index" || question === "edges keys";
  return allowedOf(question, damage).includes(said);
}

function allowedOf(question: string, damage: Damage): readonly string[] {
  const allowed = ALLOWED[question];
  if (question === "open" && damage.hitsManifest) return [...(allowed ?? []), "untouched"];
  if (question === "recovered verify" && damage.hitsSideFile) return SIDE_FINDINGS;
  if (allowed !== undefined) return allowed;
  return question.startsWith("recovered") && !BESIDE_THE_LOG.test(question) ? ["right"] : READ;
}
