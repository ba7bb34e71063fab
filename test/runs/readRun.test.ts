import { firstValueFrom, take, toArray } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunLog } from "../../src/backends/Backend.ts";
import type { InvalidConfigError, NotFoundError } from "../../src/model/errors.ts";
import type { EntryQuery } from "../../src/model/Run.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { readRun } from "../../src/runs/readRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { ServedLog } from "./support/ServedLog.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";
import { writtenRun } from "./support/writtenRun.ts";

const test = suite("readRun");

const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

test("reads the newest run of an instance, or the one named", async () => {
  const catalog = memoryCatalog();
  const first = await openRun({ catalog });
  await first.close();
  const second = await openRun({ catalog });
  await second.close();
  await (await openRun({ catalog, instanceId: "other" })).close();
  assert.is((await readRun({ catalog })).runId, second.runId);
  const named = await readRun({ catalog, runId: first.runId });
  assert.equal([named.runId, named.instanceId], [first.runId, "default"]);
  assert.is(named.manifest.status, "ended");
  assert.is(await firstValueFrom(named.watermark$), 2);
});

for (const [title, address, what] of [
  ["an instance without runs", { instanceId: "nobody" }, /nobody/],
  ["a run that is not there", { runId: "7-00000000" }, /7-00000000|default/],
] as const) {
  test(`does not find ${title}`, async () => {
    const catalog = memoryCatalog();
    await openRun({ catalog });
    const failure = (await failureOf(readRun({ catalog, ...address }))) as NotFoundError;
    assert.is(failure.code, "TIDEMARK_NOT_FOUND");
    assert.match(failure.what, what);
  });
}

test("refuses an address and a check that are none", async () => {
  const catalog = memoryCatalog();
  for (const [options, option] of [
    [{ catalog, runId: "../other" }, "runId"],
    [{ catalog, instanceId: "a/b" }, "instanceId"],
    [{ catalog, check: "some" }, "check"],
    [{}, "directory"],
  ] as const) {
    const failure = (await failureOf(readRun(options as never))) as InvalidConfigError;
    assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
    assert.is(failure.option, option);
  }
});

test("holds no page longer than it is used: a reader that stops early has read one page", async () => {
  let pages = 0;
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (log) => {
      const served = new ServedLog(log, {});
      const framesFrom = served.framesFrom.bind(served);
      served.framesFrom = (...args) => {
        pages += 1;
        return framesFrom(...args);
      };
      return served;
    },
  });
  const reader = await readRun({ catalog });
  for await (const { seq } of reader.entries({ from: 2 })) {
    if (seq === 3) break;
  }
  assert.is(pages, 1);
  await firstValueFrom(reader.entries$({ from: 2 }).pipe(take(2), toArray()));
  assert.is(pages, 2);
});

test("close is idempotent, waits for no iteration, and refuses every later read", async () => {
  let log: ServedLog | undefined;
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (inner) => (log = new ServedLog(inner, {})),
  });
  const reader = await readRun({ catalog });
  const iterator = reader.entries()[Symbol.asyncIterator]();
  assert.is((await iterator.next()).value.seq, 1);
  const closed = reader.close();
  assert.is(reader.close(), closed);
  assert.is((await failureOf(reader.entryAt(1))).code, "TIDEMARK_CLOSED");
  assert.is((await failureOf(reader.lookup("id", "O-1"))).code, "TIDEMARK_CLOSED");
  assert.is(
    (await failureOf(reader.entries()[Symbol.asyncIterator]().next())).code,
    "TIDEMARK_CLOSED",
  );
  await closed;
  assert.is(log?.isClosed, true);
  assert.is((await failureOf(iterator.next())).code, "TIDEMARK_CLOSED");
  assert.equal(await iterator.next(), { done: true, value: undefined });
});

test("can be closed from within its own iteration", async () => {
  const reader = await readRun({ catalog: await writtenRun() });
  const seen: number[] = [];
  for await (const { seq } of reader.entries()) {
    seen.push(seq);
    await reader.close();
    break;
  }
  assert.equal(seen, [1]);
});

test("an early return gives the log back", async () => {
  let log: ServedLog | undefined;
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (inner) => (log = new ServedLog(inner, {})),
  });
  {
    await using reader = await readRun({ catalog });
    for await (const entry of reader.entries()) {
      if (entry.seq === 2) break;
    }
    const subscription = reader.entries$().subscribe();
    subscription.unsubscribe();
    assert.is(log?.isClosed, false);
  }
  assert.is(log?.isClosed, true);
});

test("a callback that throws ends the iteration with its error, and gives the log back", async () => {
  let log: ServedLog | undefined;
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (inner) => (log = new ServedLog(inner, {})),
  });
  const reader = await readRun({ catalog });
  const boom = new Error("boom");
  const query: EntryQuery = {
    live: true,
    onCaughtUp: () => {
      throw boom;
    },
  };
  const seen: number[] = [];
  try {
    for await (const { seq } of reader.entries(query)) seen.push(seq);
    assert.unreachable("ended");
  } catch (failure) {
    assert.is(failure, boom);
  }
  assert.equal(seen, ALL);
  await reader.close();
  assert.is(log?.isClosed, true);
});

test("reads a long log in small pages without a stack as long", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog, writer: { maxBatchEntries: 1 } });
  for (let item = 0; item < 5_000; item += 1)
    run.offer({ topic: "t", payloadType: "T", payload: "" });
  await run.close();
  const reader = await readRun({
    catalog: wrappedCatalog(catalog, { read: (log) => pagesOf(log) }),
  });
  const count = await firstValueFrom(reader.entries$().pipe(toArray()));
  assert.is(count.length, 5_002);
});

/** The log in pages of one frame. */
function pagesOf(log: RunLog): ServedLog {
  const served = new ServedLog(log, {});
  served.framesFrom = (seq, options) =>
    log.framesFrom(seq, { ...options, maxBytes: 1 }) as ReturnType<ServedLog["framesFrom"]>;
  return served;
}

test.run();
