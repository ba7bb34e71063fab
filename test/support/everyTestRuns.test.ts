import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("every test file");

const ROOT = new URL("../", import.meta.url);

/** Every test file under test/, with its text. */
function testFiles(): (readonly [path: string, text: string])[] {
  return readdirSync(ROOT, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => [path, readFileSync(new URL(path, ROOT), "utf8")]);
}

test("is found by this guard", () => {
  assert.ok(testFiles().some(([path]) => path === "support/everyTestRuns.test.ts"));
});

test("runs its suite: uvu takes a file that does not for green", () => {
  const silent = testFiles().filter(([, text]) => {
    // Each suite by its variable: `const test = suite("…")`.
    const suites = [...text.matchAll(/^const (\w+) = suite(?:<.*>)?\(/gm)].map(([, name]) => name);
    return suites.length === 0 || !suites.every((name) => text.includes(`\n${name}.run();`));
  });
  assert.equal(
    silent.map(([path]) => path),
    [],
  );
});

test("leaves no test out", () => {
  const partial = testFiles().filter(([, text]) => /\.(?:only|skip)\(/.test(text));
  assert.equal(
    partial.map(([path]) => path),
    [],
  );
});

test.run();
