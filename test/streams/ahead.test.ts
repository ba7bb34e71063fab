import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BackendError } from "../../src/model/errors.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import type { Writer } from "../../src/model/Writer.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles, type MarbleHelpers } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("a transaction handed over ahead");

/** From so many entries on a transaction is large. */
const LARGE = 4_000;
const MIB = 2 ** 20;
const DRAFT = draftOf(1);

class AheadBackend extends ScriptedBackend {
  readonly appendsAhead: boolean = true;
}

class PatientBackend extends ScriptedBackend {
  readonly appendsAhead: boolean = false;
}

interface Bench extends MarbleHelpers {
  readonly backend: ScriptedBackend;
  readonly writer: Writer;
  readonly halts: HaltReason[];
}

function offer(writer: Writer, entries: number): void {
  for (let entry = 0; entry < entries; entry += 1) assert.ok(writer.offer(DRAFT));
}

/** A writer whose first entry is out already, in a commit of its own. */
function withOneOut(
  step: (bench: Bench) => void,
  backend: ScriptedBackend = new AheadBackend(),
): void {
  marbles((helpers) => {
    const options = { maxBatchEntries: 1_000, maxBatchBytes: MIB, commitTimeoutMs: 100 };
    const writer = openWriter(backend, { writer: options });
    const halts: HaltReason[] = [];
    writer.halt$.subscribe((reason) => halts.push(reason));
    writer.offer(DRAFT);
    helpers.scheduler.schedule(() => {
      assert.equal(backend.calls, ["append 1-1"]);
      step({ ...helpers, backend, writer, halts });
    }, 1);
    helpers.flush();
  });
}

test("goes out while a commit is out as soon as it is large, and a third one does not", () => {
  withOneOut(({ backend, writer }) => {
    offer(writer, LARGE - 1);
    assert.is(backend.calls.length, 1);
    offer(writer, 1);
    assert.equal(backend.calls.slice(1), ["append 2-1001,1002-2001,2002-3001,3002-4001"]);
    offer(writer, LARGE);
    assert.is(backend.calls.length, 2);
    backend.answer();
    assert.is(writer.watermark, 1);
    assert.equal(backend.calls.slice(2), ["append 4002-5001,5002-6001,6002-7001,7002-8001"]);
    backend.answer();
    assert.is(writer.watermark, 1 + LARGE);
    backend.answer();
    assert.is(writer.watermark, 1 + 2 * LARGE);
  });
});

test("waits where the backend takes one append at a time", () => {
  withOneOut(({ backend, writer }) => {
    offer(writer, LARGE);
    assert.is(backend.calls.length, 1);
    backend.answer();
    assert.is(backend.calls.length, 2);
  }, new PatientBackend());
});

test("leaves the window open that fills up behind it, until its own commit is back", () => {
  withOneOut(({ backend, writer }) => {
    offer(writer, LARGE + 10);
    backend.answer();
    offer(writer, 10);
    assert.is(backend.calls.length, 2);
    backend.answer();
    assert.equal(backend.calls.slice(2), ["append 4002-4021"]);
  });
});

test("has commitTimeoutMs for itself, from when the one before is back", () => {
  withOneOut(({ backend, writer, scheduler, halts }) => {
    offer(writer, LARGE);
    scheduler.schedule(() => backend.answer(), 90);
    scheduler.schedule(() => assert.equal(halts, []), 189);
    scheduler.schedule(() => {
      const [halt] = halts;
      assert.is(halt?.kind, "commit-stall");
      assert.is(halt?.lastDurableSeq, 1);
      assert.is(halt?.lostEntries, LARGE);
    }, 191);
  });
});

test("is lost with the one before, and not heard of any more", () => {
  withOneOut(({ backend, writer, halts }) => {
    offer(writer, LARGE + 1);
    backend.failWith(new BackendError("the first"));
    const [{ lastDurableSeq, lostEntries, ...halt } = { lastDurableSeq: -1, lostEntries: -1 }] =
      halts;
    assert.match(JSON.stringify(halt), "the first");
    assert.equal([lastDurableSeq, lostEntries], [0, LARGE + 2]);
    assert.is(backend.calls.at(-1), "fail");
    backend.failWith(new BackendError("the second"));
    assert.is(halts.length, 1);
    assert.is(writer.watermark, 0);
  });
});

test("is told to have failed when the one before is durable, and not sooner", () => {
  withOneOut(({ backend, writer, halts }) => {
    const answerFirst = backend.takeAnswer();
    offer(writer, LARGE);
    backend.failWith(new BackendError("the second"));
    assert.equal(halts, []);
    answerFirst();
    assert.match(JSON.stringify(halts), "the second");
    assert.equal([halts[0]?.lastDurableSeq, halts[0]?.lostEntries], [1, LARGE]);
    assert.is(writer.watermark, 1);
  });
});

test("is not followed by another one where it has failed", () => {
  withOneOut(({ backend, writer, halts }) => {
    const answerFirst = backend.takeAnswer();
    offer(writer, 2 * LARGE);
    backend.failWith(new BackendError("the second"));
    answerFirst();
    assert.is(halts.length, 1);
    assert.equal(backend.calls.slice(2), ["fail"]);
    assert.equal([halts[0]?.lastDurableSeq, halts[0]?.lostEntries], [1, 2 * LARGE]);
  });
});
test("that cannot even be handed over halts in its turn", () => {
  withOneOut(({ backend, writer, halts }) => {
    backend.append = () => {
      throw new BackendError("thrown");
    };
    offer(writer, LARGE);
    assert.equal(halts, []);
    backend.answer();
    assert.match(JSON.stringify(halts), "thrown");
    assert.is(halts[0]?.lastDurableSeq, 1);
  });
});

test("comes before the anchor that was asked for behind it", () => {
  withOneOut(({ backend, writer }) => {
    offer(writer, LARGE);
    void writer.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
    offer(writer, LARGE);
    backend.answer();
    assert.is(backend.calls.length, 2);
    backend.answer();
    assert.equal(backend.calls.slice(2), [`anchor ${1 + LARGE}`]);
    backend.answer();
    assert.is(backend.calls.length, 4);
  });
});

test("is durable before the run is sealed, and before it is let go", () => {
  for (const end of ["close", "abandon"] as const) {
    withOneOut(({ backend, writer }) => {
      offer(writer, LARGE + 10);
      void writer[end]();
      for (let step = 0; step < 3; step += 1) {
        assert.is(backend.calls.length, 2 + Number(step === 2));
        backend.answer();
      }
      assert.is(writer.watermark, LARGE + 11);
      assert.is(backend.calls.at(-1), end === "close" ? "seal ended" : "close");
    });
  }
});

test("keeps the promises of a run that is saturated in virtual time", async () => {
  let settled: Promise<unknown> = Promise.resolve();
  marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 7, faults: [{ at: 30_000, fail: "disk" }] });
    const watermarks: number[] = [];
    const sizes: number[] = [];
    run.commits$.subscribe(({ fromSeq, toSeq }) => sizes.push(toSeq - fromSeq + 1));
    settled = failureOf(
      run
        .append(DRAFT)
        .then(() => run.append(DRAFT))
        .then(() => run.close()),
    );
    run.watermark$.subscribe((watermark) => {
      watermarks.push(watermark);
      while (run.accepted < watermark + 10_000 && run.offer(DRAFT));
    });
    const halts: HaltReason[] = [];
    run.halt$.subscribe((halt) => halts.push(halt));
    flush();
    const [halt] = halts;
    assert.is(halt?.kind, "backend-disk");
    assert.is(halt?.lastDurableSeq, watermarks.at(-1));
    assert.is(halt?.lostEntries, run.accepted - run.watermark);
    assert.ok(run.watermark > 20_000 && run.watermark < 30_000);
    assert.ok(
      sizes.slice(1).every((size) => size >= LARGE && size <= 5_000),
      String(sizes),
    );
  });
  await settled;
});

test.run();
