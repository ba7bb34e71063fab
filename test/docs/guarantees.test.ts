import { existsSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readResults, RESULTS_FILE } from "../../torture/support/results.ts";
import { tableOf } from "../../torture/support/tableOf.ts";

const test = suite("docs/guarantees.md");

test("shows what was recorded of the attacks, and nothing else", () => {
  const text = readFileSync("docs/guarantees.md", "utf8");
  const shown = /<!-- torture:begin -->\n([\s\S]*?)<!-- torture:end -->/.exec(text)?.[1]?.trim();
  assert.ok(existsSync(RESULTS_FILE));
  assert.is(shown, tableOf(readResults()));
});

test.run();
