import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { InvalidConfigError } from "../../../src/index.ts";
import { inTemporaryFolder } from "../../backends/lmdb/temporaryFolder.ts";
import { FILL, hasControls, ORDER, recorded } from "../support/runs.ts";
import { PageFile } from "../../../src/cli/stat/PageFile.ts";
import { topicRows } from "../../../src/cli/stat/statText.ts";
import type { RunFacts } from "../../../src/cli/stat/stat.ts";
import { run } from "../support/testContext.ts";

const test = suite("stat");
const EVIL = "</script><img src=x onerror=alert(1)>";
/** What a page may fetch, or run, or be turned around by. */
const LOADS = /<img|<link|<iframe|src=|href=|@import|url\(|\u202E/i;

function withoutText(page: string): string {
  return page.replaceAll(/&lt;[^<]*&gt;/g, "").replaceAll(/"[^"]*\\u003c[^"]*"/g, "");
}

test("stat tells what a run holds", () =>
  inTemporaryFolder(async (directory) => {
    const runId = await recorded(directory, ORDER, ORDER, FILL);
    const { exitCode, stdout } = await run(["stat", "--directory", directory]);
    assert.is(exitCode, 0);
    assert.match(stdout, new RegExp(`^run +${runId}\\n`));
    assert.match(stdout, /\nentries +5\n/);
    assert.match(stdout, /\npayload +38 B, 8 B per entry\n/);
    assert.match(stdout, /\ntsInit +2024-05-08T00:00:00\.000000001Z to 20/);
    assert.match(stdout, /\nexec\.command +SubmitOrder +2 +40\.0 % +34 B +17 B\n/);
    assert.match(stdout, /\nclientOrderId +3\n$/);
    const few = await run(["stat", "--directory", directory, "--top", "1"]);
    assert.match(few.stdout, /\n3 others +3 +60\.0 % +4 B +1 B\n/);
  }));

test("stat --json gives the numbers, and --plot the pictures", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, { ...FILL, topic: "a\u001B[2J" });
    const json = await run(["stat", "--directory", directory, "--json"]);
    const facts = JSON.parse(json.stdout) as Record<string, unknown>;
    assert.is(facts["entries"], 4);
    assert.is(facts["minTsInit"], "1715126400000000001");
    assert.equal(facts["indexKinds"], [{ kind: "clientOrderId", mentions: 2 }]);
    const rate = facts["rate"] as { entries: number[] };
    const counted = rate.entries.reduce((all, one) => all + one, 0);
    assert.is(counted, 4);
    for (const columns of [20, 80]) {
      const args = ["stat", "--directory", directory, "--plot"];
      const { stdout } = await run(args, { columns, env: { NO_COLOR: "1" } });
      assert.match(stdout, /\nentries per second\n.*\nbatches by size\n.*\nentries by topic\n/s);
      assert.not.ok(hasControls(stdout));
      for (const line of stdout.split("\n")) assert.ok(line.length <= columns, line);
    }
  }));

test("stat --html writes one page that fetches nothing and runs nothing that was recorded", () =>
  inTemporaryFolder(async (directory) => {
    const draft = { ...ORDER, topic: EVIL, payloadType: "a\u202E'\"&" };
    await recorded(directory, draft, FILL);
    const file = join(directory, "run.html");
    const args = ["stat", "--directory", directory, "--html", file];
    assert.is((await run(args)).exitCode, 0);
    const page = await readFile(file, "utf8");
    assert.match(page, /&lt;\/script&gt;&lt;img src=x onerror=alert\(1\)&gt;/);
    assert.match(page, /a\\u\{202e\}&#39;&quot;&amp;/);
    assert.not.ok(page.includes(EVIL));
    assert.not.match(withoutText(page), LOADS);
    assert.is(page.split("</script>").length, 4);
    const [, data = ""] = /id="data">(.*?)<\/script>/.exec(page) ?? [];
    assert.equal(Object.keys(JSON.parse(data) as object), [
      "times",
      "perSecond",
      "sizes",
      "batches",
    ]);
    const refused = await run(args);
    assert.is(refused.exitCode, 2);
    assert.match(refused.stderr, /--html.*--force.*TIDEMARK_INVALID_CONFIG/);
    assert.is((await run([...args, "--force"])).exitCode, 0);
  }));

test("stat gives no number of others where it has not told all apart", () => {
  const count = { topic: "t", payloadType: "p", entries: 1, payloadBytes: 1 };
  const labelsOf = (entries: number): string[] => {
    const others = { entries, payloadBytes: 0 };
    const facts = { pairs: [count, count, count], others, entries: 3 + entries };
    return topicRows(facts as unknown as RunFacts, 1).map(([label = ""]) => label);
  };
  assert.equal(labelsOf(0), ["t", "2 others"]);
  assert.equal(labelsOf(5), ["t", "others"]);
});

test("stat refuses a page that it cannot write before it looks for the run", () =>
  inTemporaryFolder(async (directory) => {
    for (const options of [
      ["--html", join(directory, "none", "run.html")],
      ["--html", directory, "--force"],
      ["--force"],
      ["--plot", "--json"],
    ]) {
      const { exitCode, stderr } = await run(["stat", "/nonexistent-tidemark/a/b", ...options]);
      assert.is(exitCode, 2);
      assert.match(stderr, /--(?:html|force|plot).*TIDEMARK_INVALID_CONFIG/);
    }
  }));

test("a page is there whole or not at all, and nothing else is left", () =>
  inTemporaryFolder(async (directory) => {
    const path = join(directory, "run.html");
    const [first, second] = [new PageFile(path, false), new PageFile(path, false)];
    await Promise.all([first.check(), second.check()]);
    await first.write("first");
    // It came there after the check.
    const refused = await second.write("second").catch((error: unknown) => error);
    assert.is((refused as InvalidConfigError).code, "TIDEMARK_INVALID_CONFIG");
    assert.is(await readFile(path, "utf8"), "first");
    await new PageFile(path, true).write("third");
    assert.is(await readFile(path, "utf8"), "third");
    assert.equal(await readdir(directory), ["run.html"]);
  }));

test("stat refuses what can be the name of no file before it looks for the run", () =>
  inTemporaryFolder(async (directory) => {
    for (const html of ["", join(directory, "new/"), `${directory}/`]) {
      for (const force of [[], ["--force"]]) {
        const args = ["stat", "none/none/none", "--html", html, ...force];
        const { exitCode, stderr } = await run(args);
        assert.is(exitCode, 2);
        assert.match(stderr, /--html.*TIDEMARK_INVALID_CONFIG/, html);
      }
    }
  }));

test("stat refuses a number of names for what has all of them", async () => {
  const { exitCode, stderr } = await run(["stat", "none/none/none", "--json", "--top", "1"]);
  assert.is(exitCode, 2);
  assert.match(stderr, /--top.*TIDEMARK_INVALID_CONFIG/);
  const page = ["--html", "none/page.html"];
  // The page is of names all the same.
  const both = await run(["stat", "none/none/none", "--json", "--top", "1", ...page]);
  assert.match(both.stderr, /--html/);
});

test.run();
