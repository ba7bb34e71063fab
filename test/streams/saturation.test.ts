import { spawnSync } from "node:child_process";
import path from "node:path";
import { asapScheduler, Observable } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Ack, Frame } from "../../src/backends/Backend.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";
import { SOURCE_FLAGS } from "../support/nodeFlags.ts";

const test = suite("saturation");
const OUTSTANDING = 10_000;
const PROGRAM = path.resolve("test/streams/programs/offerMany.ts");
/** A young generation that holds everything that the program leaves, so that nothing is collected. */
const NO_COLLECTION = ["--min-semi-space-size=512", "--max-semi-space-size=512"];
/** The captured draft, the view of its payload, two readings of the clock, its share of a commit; from Node 22 on more. */
const MAX_BYTES_PER_ENTRY = process.versions.node.startsWith("20.") ? 450 : 560;

/** Answers every append when the turn is over, and counts them. */
class CountingBackend extends ScriptedBackend {
  readonly batches: number[] = [];

  override append(frames: readonly Frame[]): Observable<Ack> {
    this.batches.push(frames.length);
    return new Observable((subscriber) =>
      asapScheduler.schedule(() => {
        subscriber.next({ toSeq: frames.at(-1)?.toSeq ?? 0 });
        subscriber.complete();
      }),
    );
  }
}

for (const bytes of [256, 32]) {
  test(`of 10,000 entries of ${bytes} B that are kept outstanding a transaction takes half`, async () => {
    const backend = new CountingBackend();
    const writer = openWriter(backend);
    const payload = new Uint8Array(bytes);
    await new Promise<void>((resolve) => {
      writer.watermark$.subscribe({
        next: (watermark) => {
          if (watermark >= 10 * OUTSTANDING) return resolve();
          while (writer.accepted < watermark + OUTSTANDING) {
            assert.ok(writer.offer({ topic: "t", payloadType: "T", payload }));
          }
        },
        error: assert.unreachable,
      });
    });
    // The one half goes while the other one comes in.
    assert.equal(
      backend.batches.slice(0, 20),
      Array.from({ length: 20 }, () => 50),
    );
  });
}

test(`an entry leaves at most ${MAX_BYTES_PER_ENTRY} bytes to the collector`, () => {
  const node = [...NO_COLLECTION, ...SOURCE_FLAGS, PROGRAM];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, { encoding: "utf8" });
  assert.is(status, 0, stderr);
  const bytes = Number(stdout);
  // Less than this would mean that something was collected meanwhile.
  assert.ok(bytes > 200 && bytes <= MAX_BYTES_PER_ENTRY, `${bytes} bytes`);
});

test.run();
