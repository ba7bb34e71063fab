import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextOf } from "../../../src/cli/CommandContext.ts";
import { rowWriterOf } from "../../../src/cli/export/rowWriterOf.ts";
import { Output } from "../../../src/cli/Output.ts";
import { runCommand } from "../../../src/cli/program.ts";
import {
  openRun,
  readRun,
  type CorruptedError,
  type Entry,
  type EntryDraft,
  type InvalidEntryError,
} from "../../../src/index.ts";
import { inTemporaryFolder } from "../../backends/lmdb/temporaryFolder.ts";
import { betfairLines, futuresLines } from "../support/marketLines.ts";
import { FILL, ORDER, recorded } from "../support/runs.ts";
import { run, valuesOf } from "../support/testContext.ts";

const test = suite("export");
const LINES = 2_000;

async function exported(directory: string, ...options: string[]): Promise<string> {
  const ran = await run(["export", "--directory", directory, ...options]);
  assert.is(ran.exitCode, 0, ran.stderr);
  return ran.stdout;
}

async function recordedText(directory: string, text: string, ...options: string[]): Promise<void> {
  const stdin = Readable.from([Buffer.from(text)]);
  const { exitCode, stderr } = await run(["record", directory, ...options], { stdin });
  assert.is(exitCode, 0, stderr);
}

/** Text of any kind, well-formed. */
const text = fc.string({ unit: "binary", maxLength: 20 });
/** The same as topics, types and keys may be. */
const name = text.filter((one) => one !== "" && one !== "__proto__" && !one.includes("\0"));
const drafts: fc.Arbitrary<EntryDraft[]> = fc.array(
  fc.record(
    {
      topic: name.filter((topic) => !topic.startsWith("run.lifecycle.")),
      payloadType: name,
      payload: fc.oneof(text, fc.uint8Array({ maxLength: 40 })),
      tsInit: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      headers: fc.record(
        { correlationId: fc.uuid(), causationId: fc.uuid() },
        { requiredKeys: [] },
      ),
      indexKeys: fc.array(fc.record({ kind: name, key: name }), { maxLength: 4 }),
    },
    { requiredKeys: ["topic", "payloadType", "payload", "tsInit"] },
  ),
  { minLength: 150, maxLength: 300 },
);

test("what was exported and recorded again exports the same, whatever was recorded", () =>
  fc.assert(
    fc.asyncProperty(drafts, (some) =>
      inTemporaryFolder(async (directory) => {
        const original = await openRun({ directory });
        for (const draft of some) assert.ok(original.offer(draft));
        await original.close();
        const first = await exported(directory);
        assert.is(first.split("\n").length - 1, some.length);
        await recordedText(directory, first);
        assert.is(await exported(directory), first);
      }),
    ),
    { numRuns: 2, endOnFailure: true },
  ));

test("export gives drafts back as they came in", () =>
  inTemporaryFolder(async (directory) => {
    const input = `${[...futuresLines(LINES)].join("\n")}\n`;
    await recordedText(directory, input);
    assert.is(await exported(directory), input);
  }));

test("export --format payload gives lines back that were payloads", () =>
  inTemporaryFolder(async (directory) => {
    const input = `${[...betfairLines(LINES)].join("\n")}\n`;
    await recordedText(directory, input, "--topic", "md.betfair", "--type", "mcm");
    assert.is(await exported(directory, "--format", "payload"), input);
  }));

test("a payload keeps its bytes, and one that is no line is refused", async () => {
  const stdout = new PassThrough();
  const chunks: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const output = new Output(stdout);
  const write = async (payload: string): Promise<void> => {
    const rows = await rowWriterOf("payload", output);
    rows.write({ seq: 2, payload: Buffer.from(payload, "latin1") } as unknown as Entry);
  };
  for (const payload of ["\u00FF\u00EF", "a \r b", "a\u00EF\u00BB\u00BF"]) await write(payload);
  for (const payload of ["", " \t", "a\nb", "a\r", "\u00FF\n", "\u00EF\u00BB\u00BFa"]) {
    try {
      await write(payload);
      assert.unreachable(payload);
    } catch (refused) {
      assert.is((refused as InvalidEntryError).code, "TIDEMARK_INVALID_ENTRY");
      assert.is((refused as InvalidEntryError).field, "payload of entry 2");
    }
  }
  await output.settled();
  const bytes = Buffer.from("\u00FF\u00EF\na \r b\na\u00EF\u00BB\u00BF\n", "latin1");
  assert.equal(Buffer.concat(chunks), bytes);
});

test("export leaves out the run's own life unless it is asked for", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER);
    assert.is(await exported(directory), `${JSON.stringify(ORDER)}\n`);
    const whole = valuesOf<{ topic: string }>(await exported(directory, "--lifecycle"));
    assert.equal(
      whole.map(({ topic }) => topic),
      ["run.lifecycle.RunStarted", ORDER.topic, "run.lifecycle.RunEnded"],
    );
  }));

test("export --format csv has a row for each entry, quoted where it must be", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL, { ...ORDER, payload: 'a,"b"\nc' });
    const csv = await exported(directory, "--format", "csv");
    const [head, order, fill] = csv.split("\n");
    assert.is(
      head,
      "seq,tsInit,tsPublish,topic,payloadType,correlationId,causationId,indexKeys,payload,payloadBase64,hash",
    );
    assert.match(order ?? "", /^2,1715126400000000001,\d{19},exec\.command,SubmitOrder,/);
    assert.match(order ?? "", /,"\{""price"":5155\.50\}",,[0-9a-f]{64}$/);
    assert.match(fill ?? "", /,,\/\+8=,[0-9a-f]{64}$/);
    assert.match(csv, /,"a,""b""\nc",,[0-9a-f]{64}\n$/);
  }));

test("export refuses a form that it does not know", async () => {
  const { exitCode, stderr } = await run(["export", "x", "--format", "xml"]);
  assert.is(exitCode, 2);
  assert.match(stderr, /^tidemark: .*ndjson, csv, payload/);
});

test("export waits for whoever reads it, and ends quietly when they go", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(
      directory,
      ...Array.from({ length: 40 }, () => ({ ...ORDER, payload: "x".repeat(50_000) })),
    );
    const stdout = new PassThrough();
    const host = { stdin: Readable.from([]), stdout, stderr: new PassThrough(), env: {} };
    const context = contextOf(Object.assign(host, { on: () => {}, off: () => {} }));
    const ended = runCommand(["export", "--directory", directory], context);
    await new Promise((resolve) => {
      stdout.once("readable", resolve);
    });
    assert.ok(stdout.readableLength + stdout.writableLength < 400_000);
    stdout.destroy();
    assert.is(await ended, 0);
  }));

test("export refuses lifecycle entries as payloads before it looks for the run", async () => {
  const args = ["export", "/nonexistent-tidemark/a/b", "--format", "payload", "--lifecycle"];
  const { exitCode, stderr } = await run(args);
  assert.is(exitCode, 2);
  assert.match(stderr, /--lifecycle.*TIDEMARK_INVALID_CONFIG/);
});

test("a snapshot anchor that is damaged keeps nobody from the entries", () =>
  inTemporaryFolder(async (directory) => {
    const anchored = await openRun({ directory });
    await anchored.recordSnapshotAnchor({ blobRef: "BLOB", contentHash: "HASH-OF-IT" });
    await anchored.close();
    const folder = join(directory, "default", anchored.runId);
    const file = join(folder, "data.mdb");
    const bytes = await readFile(file);
    // Copies in pages that are free by now are damaged, too.
    let at = bytes.indexOf("BLOBHASH-OF-IT");
    assert.ok(at > 0);
    for (; at !== -1; at = bytes.indexOf("BLOBHASH-OF-IT", at + 1)) bytes.write("X", at);
    await writeFile(file, bytes);
    await using reader = await readRun({ directory });
    const refused = await reader.snapshotReplayPlan().catch((error: unknown) => error);
    assert.is((refused as CorruptedError).code, "TIDEMARK_CORRUPTED");
    assert.match(await exported(directory, "--lifecycle"), /RunStarted.*\n.*RunEnded/s);
    const equal = await run(["diff", folder, folder]);
    assert.is(equal.exitCode, 0, equal.stderr);
    assert.is((await run(["why", folder, "1"])).exitCode, 0);
  }));

test.run();
