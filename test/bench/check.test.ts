import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judge, type Ratios, type Verdict } from "../../bench/check/judge.ts";
import { verdictText } from "../../bench/check/verdictText.ts";

const test = suite("bench:check");

const PROBES = [
  { name: "commits", rounds: 3 },
  { name: "scan", rounds: 5 },
];
const RECORDED = { "ours / file": 1, "ours / literal": 4, "scan / hashes": 0.5 };

/** Judges with measurements that are given in order for each probe. */
async function judged(
  measurements: Readonly<Record<string, readonly Ratios[]>>,
  recorded: Ratios = RECORDED,
): Promise<{ holds: boolean; verdicts: readonly Verdict[]; asked: readonly string[] }> {
  const verdicts: Verdict[] = [];
  const asked: string[] = [];
  const left = new Map(Object.entries(measurements).map(([name, all]) => [name, [...all]]));
  const holds = await judge({
    probes: PROBES,
    recorded,
    measure: async (probe, rounds) => {
      asked.push(`${probe} ${rounds}`);
      const next = left.get(probe)?.shift();
      if (next === undefined) throw new Error(`${probe} is measured too often`);
      return next;
    },
    onVerdict: (verdict) => verdicts.push(verdict),
  });
  return { holds, verdicts, asked };
}

const SCAN = [{ "scan / hashes": 0.5 }];

test("holds down to 0.8 of what was recorded, and measures once", async () => {
  const { holds, verdicts, asked } = await judged({
    commits: [{ "ours / file": 0.8, "ours / literal": 9 }],
    scan: SCAN,
  });
  assert.is(holds, true);
  assert.equal(asked, ["commits 3", "scan 5"]);
  assert.equal(
    verdicts.map(({ name }) => name),
    ["ours / file", "ours / literal", "scan / hashes"],
  );
});

test("fails where a ratio has fallen in more rounds, too, and says from what to what", async () => {
  const { holds, verdicts, asked } = await judged({
    commits: [
      { "ours / file": 0.79, "ours / literal": 4 },
      { "ours / file": 0.7, "ours / literal": 4 },
    ],
    scan: SCAN,
  });
  assert.is(holds, false);
  assert.equal(asked, ["commits 3", "commits 6", "scan 5"]);
  const fallen = verdicts.filter((verdict) => !verdict.holds);
  assert.equal(fallen, [
    { name: "ours / file", recorded: 1, measured: 0.7, rounds: 6, holds: false },
  ]);
  const [text = ""] = fallen.map(verdictText);
  assert.match(
    text,
    /^FALLEN ours \/ file .*0\.70x, recorded 1\.00x, below 0\.80x \(6 rounds\)\n$/,
  );
});

test("lets more rounds clear a ratio that had fallen, and no other", async () => {
  const { holds, verdicts } = await judged({
    commits: [
      { "ours / file": 0.1, "ours / literal": 4 },
      // What has held once is not asked again.
      { "ours / file": 1.1, "ours / literal": 1 },
    ],
    scan: SCAN,
  });
  assert.is(holds, true);
  assert.equal(
    verdicts.map(({ measured, rounds }) => [measured, rounds]),
    [
      [1.1, 6],
      [4, 3],
      [0.5, 5],
    ],
  );
});

test("fails for what is not a number", async () => {
  const broken = { "ours / file": Number.NaN, "ours / literal": 4 };
  const { holds } = await judged({ commits: [broken, broken], scan: SCAN });
  assert.is(holds, false);
});

test("fails for what JSON has made null of, and says that there is none", async () => {
  const broken = { "ours / file": null as unknown as number, "ours / literal": 4 };
  const { holds, verdicts } = await judged({ commits: [broken, broken], scan: SCAN });
  assert.is(holds, false);
  assert.match(verdicts.map(verdictText).join(""), /FALLEN ours \/ file +none, recorded 1\.00x/);
});

test("fails for a ratio without a record, which more rounds cannot help", async () => {
  const { holds, asked, verdicts } = await judged(
    { commits: [{ "ours / file": 1 }], scan: SCAN },
    { "scan / hashes": 0.5 },
  );
  assert.is(holds, false);
  assert.equal(asked, ["commits 3", "scan 5"]);
  assert.match(verdicts.map(verdictText).join(""), /FALLEN ours \/ file .*nothing recorded/);
});

test("fails for a record that nothing measures any more", async () => {
  const { holds, verdicts } = await judged({ commits: [{ "ours / file": 1 }], scan: SCAN });
  assert.is(holds, false);
  assert.match(verdicts.map(verdictText).join(""), /FALLEN ours \/ literal .*not measured/);
});

test.run();
