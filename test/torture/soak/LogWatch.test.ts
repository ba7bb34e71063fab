import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun } from "../../../src/index.ts";
import { LogWatch } from "../../../torture/soak/LogWatch.ts";
import { logFiguresOf } from "../../../torture/soak/logFigures.ts";
import { inTemporaryFolder } from "../../backends/lmdb/temporaryFolder.ts";

const test = suite("LogWatch");

const MIB = 2 ** 20;
const USUAL = { readerSlots: 1, freeBytes: MIB, aheadBytes: MIB };

test("sees of a run that is written and read its own slot, its pages and its room", async () => {
  await inTemporaryFolder(async (directory) => {
    await using run = await openRun({ directory });
    for (let n = 0; n < 50; n += 1) {
      await run.append({ topic: "t", payloadType: "p", payload: "x".repeat(256) });
    }
    for await (const _ of run.entries({ to: run.watermark }));
    const folder = join(directory, run.instanceId, run.runId);
    const { readerSlots, usedBytes, freeBytes, aheadBytes } = logFiguresOf(folder);
    assert.is(readerSlots, 1);
    assert.ok(usedBytes > 50 * 256 && usedBytes < MIB, `${usedBytes}`);
    // What each commit has copied of the tree is used again.
    assert.ok(freeBytes > 0 && freeBytes < usedBytes, `${freeBytes} of ${usedBytes}`);
    assert.ok(aheadBytes > 0, `${aheadBytes}`);
    const log = new LogWatch();
    const { fileBytesPerEntry = 0 } = log.look({ folder, watermark: run.watermark });
    assert.ok(fileBytesPerEntry > 256 && fileBytesPerEntry < 4_096, `${fileBytesPerEntry}`);
    assert.equal(log.complaints, []);
  });
});

test("has nothing to see of a run that is not there", () => {
  assert.equal(new LogWatch().look({ folder: "/nowhere", watermark: 1 }), {});
});

test("objects to a reader's slot, to pages that are not used again, to room without end", () => {
  for (const [what, figures] of [
    ["slots", { readerSlots: 2 }],
    ["pages", { freeBytes: 64 * MIB }],
    ["room", { aheadBytes: 64 * MIB }],
  ] as const) {
    const log = new LogWatch();
    log.note(USUAL);
    assert.equal(log.complaints, []);
    log.note({ ...USUAL, ...figures });
    log.note(USUAL);
    assert.is(log.complaints.length, 1, what);
  }
});

test.run();
