import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun, type HaltReason } from "../../src/index.ts";
import type { Death } from "../../torture/kill/Death.ts";
import { judgeDeath } from "../../torture/kill/judgeDeath.ts";
import { judgeDirectory } from "../../torture/kill/judgeDirectory.ts";
import { recoverAll } from "../../torture/support/recoverAll.ts";

const test = suite("kill");

const HALT: HaltReason = {
  kind: "backend-error",
  message: "The writer process was ended by SIGKILL",
  lastDurableSeq: 11,
  lostEntries: 20,
};
const HALTED = { code: "TIDEMARK_HALTED", message: "" };
const OPEN: Death["log"] = {
  runId: "1-0",
  acknowledged: 11,
  acknowledgedAtHalt: undefined,
  halt: undefined,
  halts: 0,
  failure: undefined,
  recovered: [],
};
const BEREAVED: Death["log"] = {
  ...OPEN,
  acknowledgedAtHalt: 11,
  halt: HALT,
  halts: 1,
  failure: HALTED,
};

function deathOf(death: Partial<Death>): Death {
  return {
    log: OPEN,
    ending: { exit: "SIGKILL", stderr: "" },
    killed: "program",
    hung: false,
    ...death,
  };
}

function bereaved(log: Partial<Death["log"]>): Death {
  const ending = { exit: 0, stderr: "" };
  return deathOf({ killed: "writer", ending, log: { ...BEREAVED, ...log } });
}

test("has nothing against a program that dies, nor against one that tells of its writer's death", () => {
  assert.equal(judgeDeath(deathOf({})), []);
  assert.equal(judgeDeath(deathOf({ killed: "both" })), []);
  assert.equal(judgeDeath(bereaved({})), []);
  // It had ended already when it was killed as well.
  assert.equal(judgeDeath({ ...bereaved({}), killed: "both" }), []);
  const refused = { code: "TIDEMARK_BACKEND", message: "" };
  assert.equal(judgeDeath(bereaved({ ...OPEN, runId: undefined, failure: refused })), []);
});

const BROKEN: readonly (readonly [what: string, death: Death])[] = [
  ["a program that outlives its kill", deathOf({ ending: { exit: 0, stderr: "" } })],
  ["a halt of a program whose writer lives", deathOf({ log: BEREAVED })],
  ["a program that dies with its writer", { ...bereaved({}), ending: { exit: 1, stderr: "" } }],
  [
    "a program that ends by itself and says nothing",
    deathOf({ killed: "both", ending: { exit: 0, stderr: "" } }),
  ],
  ["a program that hangs without its writer", { ...bereaved({}), hung: true }],
  ["a writer's death that nobody hears of", bereaved({ halt: undefined, failure: undefined })],
  ["a second halt", bereaved({ halts: 2 })],
  ["an acknowledgement after the halt", bereaved({ acknowledged: 21 })],
  ["a halt at another seq than was told", bereaved({ acknowledgedAtHalt: 1, acknowledged: 1 })],
  [
    "a dead process that is called a bad disk",
    bereaved({ halt: { ...HALT, kind: "backend-disk" } }),
  ],
  [
    "an opening that fails by anything else",
    bereaved({ ...OPEN, runId: undefined, failure: HALTED }),
  ],
];

for (const [what, death] of BROKEN) {
  test(`objects to ${what}`, () => {
    assert.is.not(judgeDeath(death).length, 0);
  });
}

test("judges runs that nobody was told of, and misses those that are gone", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-kill-"));
  try {
    const run = await openRun({ directory, writer: { maxBatchEntries: 10 } });
    await Promise.all(Array.from({ length: 10 }, () => run.append(DRAFT)));
    await run.abandon();
    const left = { directory, lastRunId: await recoverAll(directory) };
    const unheardOf = await judgeDirectory({ ...left, deaths: [] });
    assert.match(breachesOf(unheardOf), "11 entries are too many");
    const other = { log: { ...OPEN, runId: "1-0" } };
    assert.match(breachesOf(await judgeDirectory({ ...left, deaths: [other] })), "1-0 is gone");
    const ended = { ...left, lastRunId: "none", deaths: [] };
    assert.match(breachesOf(await judgeDirectory(ended)), "it is ended");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const DRAFT = { topic: "other", payloadType: "Entry", payload: "" };

function breachesOf(remains: Awaited<ReturnType<typeof judgeDirectory>>): string {
  return remains.flatMap(({ breaches }) => breaches).join("; ");
}

test.run();
