import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { madePage, verbsIn } from "../../scripts/cli-page.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { CORRELATION, FILL, ORDER, recorded } from "./support/runs.ts";
import { run } from "./support/testContext.ts";

const test = suite("docs/cli.md");
/** Fields that only other runs have. */
const UNSEEN: Readonly<Record<string, readonly string[]>> = {
  ls: ["problem", "lastAnchor"],
  why: ["causesEnd.seq", "causesEnd.maxDepth"],
};

test("the page has the help of every verb as it is, and what the verbs print", async () => {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  // Where this fails: npm run docs:cli
  assert.is(await madePage(page), page);
  const { stdout } = await run(["--help"]);
  const [, commands = ""] = stdout.split("Commands:\n");
  const verbs = [...commands.matchAll(/^ {2}(\w+) /gm)].map(([, verb = ""]) => verb);
  assert.equal([...verbsIn(page), "help"].toSorted(), verbs.toSorted());
});

/** What the page tells of the fields of a verb's JSON: their paths, and which may be absent. */
async function listedOf(verb: string): Promise<ReadonlySet<string>> {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const [, section = ""] = page.split(`### \`${verb} --json\`\n`);
  const [table = ""] = section.split(/^##/m);
  const cells = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = ""]) => cell);
  const paths = cells.join().matchAll(/`([^`]+)`/g);
  return new Set([...paths].map(([, path = ""]) => path.replaceAll("?", "")));
}

/** The paths of a value down to those that are listed: what is below one of them is told elsewhere. */
function pathsOf(value: unknown, listed: ReadonlySet<string>, path = ""): readonly string[] {
  if (listed.has(path) || typeof value !== "object" || value === null) return [path];
  if (Array.isArray(value)) return value.flatMap((one) => pathsOf(one, listed, `${path}[]`));
  return Object.entries(value).flatMap(([name, part]) =>
    pathsOf(part, listed, path === "" ? name : `${path}.${name}`),
  );
}

test("the page has every field of the JSON that the verbs print, and no other", () =>
  inTemporaryFolder(async (directory) => {
    const cause = { ...ORDER, indexKeys: [{ kind: "messageId", key: CORRELATION }] };
    const effect = { ...FILL, headers: { causationId: CORRELATION } };
    const lost = { ...FILL, headers: { causationId: CORRELATION.replace("a", "b") } };
    const first = await recorded(directory, cause, effect, lost);
    const second = await recorded(directory, cause);
    const at = ["--directory", directory];
    const asked: readonly (readonly string[])[] = [
      ["ls", directory],
      ["stat", ...at],
      ["why", ...at, "--run", first, "2"],
      ["why", ...at, "--run", first, "4"],
      ["diff", ...at, first, second],
      ["gc", directory, "--keep-last", "0"],
      ["gc", directory, "--keep-last", "0", "--apply"],
    ];
    const printed = new Map<string, Set<string>>();
    for (const [verb = "", ...args] of asked) {
      const { stdout } = await run([verb, ...args, "--json"]);
      const value = JSON.parse(stdout) as unknown;
      const listed = await listedOf(verb);
      const paths = (Array.isArray(value) ? value : [value]).flatMap((one) => pathsOf(one, listed));
      printed.set(verb, new Set([...(printed.get(verb) ?? []), ...paths]));
    }
    for (const [verb, paths] of printed) {
      const listed = await listedOf(verb);
      assert.equal(
        [...paths].filter((path) => !listed.has(path)),
        [],
        verb,
      );
      const unseen = [...listed].filter((path) => !paths.has(path));
      assert.equal(unseen, UNSEEN[verb] ?? [], verb);
    }
  }));

test.run();
