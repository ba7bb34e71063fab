import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LmdbBackend } from "../../../src/backends/lmdb/LmdbBackend.ts";
import { RESERVE_FILE_NAME, writeReserve } from "../../../src/backends/lmdb/reserveFile.ts";
import type { WriterProcess } from "../../../src/backends/lmdb/WriterProcess.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("an append and the reserve");

/** A backend whose writer process never answers, and whether the reserve was there when it was asked. */
function silentBackend(folder: string, hadReserve: boolean[]): LmdbBackend {
  const process = {
    failure: undefined,
    request: () => {
      hadReserve.push(existsSync(join(folder, RESERVE_FILE_NAME)));
      return new Promise(() => {});
    },
  };
  const opened = {
    process: process as unknown as WriterProcess,
    state: { epoch: 1, watermark: 0 },
    txnid: 1,
  };
  return new LmdbBackend({ folder, manifest: manifestOf(1n), opened, onFailure: () => {} });
}

test("leaves behind the reserve where the run begins to end in the same turn", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeReserve(folder);
    const hadReserve: boolean[] = [];
    const backend = silentBackend(folder, hadReserve);
    void backend.append([frameOf(1)]);
    void backend.append([frameOf(2)]);
    await backend.finishing();
    await setImmediate();
    assert.equal(hadReserve, [false, false]);
  });
});

test("leaves when the turn is over where the run goes on", async () => {
  await inTemporaryFolder(async (folder) => {
    const hadReserve: boolean[] = [];
    const backend = silentBackend(folder, hadReserve);
    void backend.append([frameOf(1)]);
    void backend.append([frameOf(2)]);
    assert.is(hadReserve.length, 0);
    await setImmediate();
    assert.is(hadReserve.length, 2);
  });
});

test.run();
