import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../support/testContext.ts";

const test = suite("completion");
const VERBS = ["record", "ls", "stat", "tail", "inspect", "why", "verify", "export", "diff"];

/** What bash offers at the end of each of some command lines. */
async function offered(...lines: string[][]): Promise<string[]> {
  const { stdout } = await run(["completion", "bash"]);
  const asked = lines.map((words) => {
    const typed = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _tidemark; echo "\${COMPREPLY[*]}"`;
  });
  const answers = execFileSync("bash", ["--norc", "-c", `${stdout}\n${asked.join("\n")}`]);
  return answers.toString().trimEnd().split("\n");
}

test("bash is offered verbs, options and values", async () => {
  const answers = await offered(
    ["tidemark", "re"],
    ["tidemark", "stat", "--pl"],
    ["tidemark", "export", "--format", ""],
    ["tidemark", "completion", "z"],
    ["tidemark", "tail", "--topic", ""],
    ["tidemark", "ls", "/us"],
  );
  assert.equal(answers, ["record recover", "--plot", "ndjson csv payload", "zsh", "", "/usr"]);
});

test("every shell is told of every verb", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { exitCode, stdout } = await run(["completion", shell]);
    assert.is(exitCode, 0);
    for (const verb of VERBS) assert.match(stdout, new RegExp(`\\b${verb}\\b`), shell);
    assert.match(stdout, /correlation/);
  }
  assert.is((await run(["completion", "tcsh"])).exitCode, 2);
});

test.run();
