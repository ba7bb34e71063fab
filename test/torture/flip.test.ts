import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Answer } from "../../torture/damage/questions.ts";
import type { Damage } from "../../torture/flip/damage.ts";
import { judge } from "../../torture/flip/judge.ts";

const test = suite("flip");

const FLIP: Damage = { what: "", isRollback: false, hitsManifest: false, hitsSideFile: false };
const ROLLBACK: Damage = { ...FLIP, isRollback: true };
const DAMAGED = "TIDEMARK_CORRUPTED";

const QUESTIONS = [
  "list",
  ...["read", "edges"].flatMap((name) => [name, `${name} forwards`, `${name} index`]),
  "verify",
  "bystander",
  "open",
  "recovered",
  "recovered forwards",
  "recovered index",
  "recovered verify",
  "bystander after",
];

/** What is said of an undamaged run that crashed, but for some questions. */
function breachesOf(other: Readonly<Record<string, string>>, damage: Damage = FLIP): number {
  const usual: Readonly<Record<string, string>> = { open: "crashed-recovered" };
  const answers: readonly Answer[] = QUESTIONS.map((question) => ({
    question,
    said: other[question] ?? usual[question] ?? "right",
  }));
  return judge(damage, { answers, signals: [] }).breaches.length;
}

const FINE: readonly (readonly [what: string, other: Readonly<Record<string, string>>])[] = [
  ["a flip that does no harm", {}],
  [
    "damage that everybody is told of, and that is set aside",
    { "read forwards": DAMAGED, verify: "found: hash-mismatch", open: "quarantined" },
  ],
  [
    "a row that only a full check finds missing",
    { "edges index": "missing: strategy S-3", verify: "found: index-drift, structure" },
  ],
  [
    "a damaged index of a run that is recovered",
    {
      verify: "found: index-drift",
      "read index": DAMAGED,
      "recovered index": DAMAGED,
      "recovered verify": "found: index-drift",
    },
  ],
];

for (const [what, other] of FINE) {
  test(`has nothing against ${what}`, () => {
    assert.is(breachesOf(other), 0);
  });
}

const BROKEN: readonly (readonly [what: string, other: Readonly<Record<string, string>>])[] = [
  ["damage that a verification does not find", { "read forwards": DAMAGED, open: "quarantined" }],
  ["a problem that a verification does not find", { list: "problem" }],
  [
    "a wrong row where the edges are checked",
    { "edges index": "wrong: strategy S-3 at 9 instead of 2", verify: "found: index-drift" },
  ],
  ["a missing row that a verification does not find", { "edges index": "missing: strategy S-3" }],
  [
    "a missing row where all is checked",
    { "read index": "missing: strategy S-3", verify: "found: index-drift" },
  ],
  ["a sound run that is set aside", { open: "quarantined" }],
  ["a run that is set aside for its index", { verify: "found: index-drift", open: "quarantined" }],
  [
    "damaged entries that are recovered",
    { verify: "found: hash-mismatch", "read forwards": DAMAGED },
  ],
  [
    "what was recovered and cannot be read",
    { verify: "found: structure", "recovered forwards": DAMAGED },
  ],
  ["an error that names no damage", { verify: "found: structure", read: "TIDEMARK_BACKEND" }],
  ["a verification that says nothing that is known", { verify: "clean" }],
];

for (const [what, other] of BROKEN) {
  test(`objects to ${what}`, () => {
    assert.is.not(breachesOf(other), 0);
  });
}

test("objects to a rollback that a verification does not find", () => {
  const told = { read: DAMAGED, open: "quarantined" };
  assert.is(breachesOf({ ...told, verify: "found: rolled-back" }, ROLLBACK), 0);
  assert.is.not(breachesOf(told, ROLLBACK), 0);
});

test("objects to a signal that is not ours, and to a death", () => {
  assert.is(judge(FLIP, { answers: [], signals: ["SIGSEGV"] }).breaches.length, 1);
  assert.is(judge(FLIP, { ended: "died of SIGBUS" }).breaches.length, 1);
});

test.run();
