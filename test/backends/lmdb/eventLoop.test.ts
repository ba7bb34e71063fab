import { join } from "node:path";
import { firstValueFrom, from, type ObservableInput } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog, openRun, readRun, verifyRun, type Run } from "../../../src/index.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";
import { turnsDuring } from "../../support/turnsDuring.ts";

const test = suite("the event loop while a log is read");
const ENTRIES = 40_000;
const PAYLOAD = new Uint8Array(256);

async function written(directory: string): Promise<Run> {
  const run = await openRun({ directory, writer: { queueCapacity: ENTRIES } });
  for (let item = 0; item < ENTRIES; item += 1) {
    run.offer({ topic: "t", payloadType: "p", payload: PAYLOAD });
  }
  await run.append({ topic: "t", payloadType: "p", payload: PAYLOAD });
  return run;
}

test("gets its turn between the pages of a long read, and so do commits", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = join(folder, "runs");
    const run = await written(directory);
    let seenAtAck = 0;
    let seen = 0;
    const turns = await turnsDuring(async () => {
      void run
        .append({ topic: "t", payloadType: "p", payload: PAYLOAD })
        .then(() => (seenAtAck = seen));
      for await (const _ of run.entries()) seen += 1;
    });
    // Some 13 pages of 1 MiB.
    assert.ok(turns >= 10, `${turns} turns`);
    assert.ok(seenAtAck < seen, "the commit waited for the reader");
    await run.close();
    assert.ok((await turnsDuring(() => verifyRun({ directory }))) >= 10);
    const reader = await readRun({ directory });
    const pushed = await turnsDuring(
      () => new Promise<void>((resolve) => reader.entries$().subscribe({ complete: resolve })),
    );
    assert.ok(pushed >= 10);
    await reader.close();
  });
});

test("gets its turn before a page of an index", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = join(folder, "runs");
    const run = await openRun({ directory });
    run.offer({ topic: "t", payloadType: "p", payload: "", indexKeys: [{ kind: "id", key: "a" }] });
    await run.close();
    for (const page of ["indexKinds", "indexKeys"] as const) {
      // Nobody has had a turn of this one's yet.
      const log = await lmdbCatalog({ directory }).read(run.instanceId, run.runId);
      assert.ok(
        (await turnsDuring(() => firstValueFrom(from<ObservableInput<unknown>>(log[page]("id"))))) >
          0,
      );
      await firstValueFrom(from(log.close()), { defaultValue: undefined });
    }
  });
});

test.run();
