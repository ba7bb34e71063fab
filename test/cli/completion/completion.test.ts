import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inTemporaryFolder } from "../../backends/lmdb/temporaryFolder.ts";
import { run } from "../support/testContext.ts";

const test = suite("completion");
const VERBS = "record ls stat tail inspect why verify export diff recover gc completion".split(" ");

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

test("bash is offered file names as they are, spaces and stars in them", () =>
  inTemporaryFolder(async (directory) => {
    await writeFile(join(directory, "a b"), "");
    await writeFile(join(directory, "a*"), "");
    const [answer = ""] = await offered(["tidemark", "ls", join(directory, "a")]);
    const names = answer.split(`${directory}/`).map((name) => name.trim());
    assert.equal(names.toSorted(), ["", "a b", "a*"]);
    const { stdout } = await run(["completion", "bash"]);
    const count = `COMP_WORDS=(tidemark ls '${directory}/a'); COMP_CWORD=2; _tidemark; echo "\${#COMPREPLY[@]}"`;
    assert.is(String(execFileSync("bash", ["--norc", "-c", `${stdout}\n${count}`])), "2\n");
  }));

/** What a shell prints, where it is installed. */
function printed(shell: string, ...args: string[]): string | undefined {
  try {
    return String(execFileSync(shell, args));
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw failure;
  }
}

test("zsh and fish take their scripts, zsh also as a file of fpath", () =>
  inTemporaryFolder(async (directory) => {
    const file = join(directory, "_tidemark");
    for (const shell of ["fish", "zsh"]) {
      await writeFile(file, (await run(["completion", shell])).stdout);
      assert.is(printed(shell, "-n", file) ?? "", "");
    }
    const program = `compdef() { echo defined }; _describe() { echo described }
      fpath=(${directory}); autoload -Uz _tidemark; words=(tidemark); CURRENT=2
      _tidemark; _tidemark; source ${file}`;
    const called = "described\ndescribed\ndefined\n";
    assert.is(printed("zsh", "-fc", program) ?? called, called);
  }));

test.run();
