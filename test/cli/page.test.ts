import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { madePage, verbsIn } from "../../scripts/cli-page.ts";
import { run } from "./support/testContext.ts";

const test = suite("docs/cli.md");

test("the page has the help of every verb as it is, and what the verbs print", async () => {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  // Where this fails: npm run docs:cli
  assert.is(await madePage(page), page);
  const { stdout } = await run(["--help"]);
  const [, commands = ""] = stdout.split("Commands:\n");
  const verbs = [...commands.matchAll(/^ {2}(\w+) /gm)].map(([, verb = ""]) => verb);
  assert.equal([...verbsIn(page), "help"].toSorted(), verbs.toSorted());
});

test.run();
