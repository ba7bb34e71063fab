import { copyFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun, readRun, verifyRun, type Finding } from "../../../src/index.ts";
import { failureOf } from "../../streams/support/failureOf.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("a data.mdb that is not the one it was");
const DRAFT = { topic: "t", payloadType: "p", payload: "x" };

interface Left {
  readonly runId: string;
  readonly file: string;
  /** A copy of the file from before the last commits. */
  readonly older: string;
}

/** A run of 6 entries, and its file as it was at 3. */
async function left(directory: string, end: "close" | "abandon"): Promise<Left> {
  const run = await openRun({ directory });
  const file = path.join(directory, "default", run.runId, "data.mdb");
  const older = path.join(directory, `${run.runId}.older`);
  for (let seq = 2; seq <= 3; seq += 1) await run.append(DRAFT);
  await copyFile(file, older);
  for (let seq = 4; seq <= (end === "close" ? 5 : 6); seq += 1) await run.append(DRAFT);
  await run[end]();
  return { runId: run.runId, file, older };
}

async function kindsOf(directory: string, runId: string): Promise<readonly Finding["kind"][]> {
  const { findings } = await verifyRun({ directory, runId });
  return findings.map(({ kind }) => kind);
}

test("an older copy is not read in place of a sealed run's file, and verify says so", () =>
  inTemporaryFolder(async (directory) => {
    const { runId, file, older } = await left(directory, "close");
    assert.equal(await kindsOf(directory, runId), []);
    await rename(older, file);
    assert.is((await failureOf(readRun({ directory, runId }))).code, "TIDEMARK_CORRUPTED");
    const kinds = await kindsOf(directory, runId);
    assert.ok(kinds.includes("rolled-back"));
    assert.ok(kinds.includes("manifest-mismatch"));
  }));

test("a crashed run whose file is an older copy is quarantined, and not continued", () =>
  inTemporaryFolder(async (directory) => {
    const { runId, file, older } = await left(directory, "abandon");
    await rename(older, file);
    assert.is((await failureOf(readRun({ directory, runId }))).code, "TIDEMARK_CORRUPTED");
    const next = await openRun({ directory });
    assert.equal(
      next.recovered.map(({ status, highWatermark }) => [status, highWatermark]),
      [["quarantined", 3]],
    );
    assert.is(next.manifest.parentRunId, undefined);
    await next.close();
    // What is there can still be read, and what is wrong is still told.
    await using reader = await readRun({ directory, runId });
    assert.is((await reader.entryAt(3))?.seq, 3);
    assert.equal(await kindsOf(directory, runId), ["rolled-back"]);
  }));

test("files that have changed places are seen, in sealed runs and in crashed ones", () =>
  inTemporaryFolder(async (directory) => {
    const sealed = await left(directory, "close");
    const crashed = await left(directory, "abandon");
    await rename(sealed.file, `${sealed.file}.away`);
    await rename(crashed.file, sealed.file);
    await rename(`${sealed.file}.away`, crashed.file);
    for (const { runId } of [sealed, crashed]) {
      assert.is((await failureOf(readRun({ directory, runId }))).code, "TIDEMARK_CORRUPTED");
      assert.equal(await kindsOf(directory, runId), ["structure"]);
    }
    const next = await openRun({ directory });
    assert.equal(
      next.recovered.map(({ runId, status }) => [runId, status]),
      [[crashed.runId, "quarantined"]],
    );
    await next.close();
  }));

test("a run whose checkpoints are gone is read and recovered, and verify says so", () =>
  inTemporaryFolder(async (directory) => {
    const { runId, file } = await left(directory, "abandon");
    await rm(path.join(path.dirname(file), "checkpoints.log"));
    await (await readRun({ directory, runId })).close();
    const next = await openRun({ directory });
    assert.is(next.recovered[0]?.status, "crashed-recovered");
    await next.close();
    assert.equal(await kindsOf(directory, runId), ["structure"]);
  }));

test.run();
