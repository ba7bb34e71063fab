// Writes the table of what torture/results.ndjson holds into docs/guarantees.md.
import { readFileSync, writeFileSync } from "node:fs";
import { readResults } from "../torture/support/results.ts";
import { tableOf } from "../torture/support/tableOf.ts";

const PATH = "docs/guarantees.md";
const [before = "", , after = ""] = readFileSync(PATH, "utf8").split(
  /(?<=<!-- torture:begin -->\n)([\s\S]*?)(?=<!-- torture:end -->)/,
);
writeFileSync(PATH, `${before}\n${tableOf(readResults())}\n\n${after}`);
