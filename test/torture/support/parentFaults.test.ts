import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parentFaults } from "../../../torture/support/parentFaults.ts";

const test = suite("parentFaults");

const CRASHED = { status: "crashed-recovered", highWatermark: 21 } as const;
const EMPTY = { status: "crashed-recovered", highWatermark: 0 } as const;
const ENDED = { status: "ended", highWatermark: 22 } as const;

test("has nothing against runs that continue what crashed before them", () => {
  const runs = [
    { runId: "1", ...CRASHED },
    { runId: "2", parentRunId: "1", ...EMPTY },
    { runId: "3", parentRunId: "1", ...ENDED },
    { runId: "4", ...EMPTY },
    { runId: "5", ...ENDED },
    { runId: "6", status: "quarantined", highWatermark: 3 } as const,
    { runId: "7", ...ENDED },
  ];
  assert.equal(parentFaults(runs), []);
});

test("objects to a parent that is missing, another one, empty, or not crashed", () => {
  assert.is(
    parentFaults([
      { runId: "1", ...CRASHED },
      { runId: "2", ...ENDED },
    ]).length,
    1,
  );
  const first = { runId: "1", ...CRASHED };
  const second = { runId: "2", parentRunId: "1", ...CRASHED };
  assert.is(parentFaults([first, second, { runId: "3", parentRunId: "1", ...ENDED }]).length, 1);
  const empty = { runId: "2", parentRunId: "1", ...EMPTY };
  assert.is(parentFaults([first, empty, { runId: "3", parentRunId: "2", ...ENDED }]).length, 1);
  const ended = { runId: "1", ...ENDED };
  assert.is(parentFaults([ended, { runId: "2", parentRunId: "1", ...ENDED }]).length, 1);
});

test.run();
