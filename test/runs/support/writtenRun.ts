import { firstValueFrom, toArray } from "rxjs";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../../src/backends/RunCatalog.ts";
import type { EntryQuery, EntrySource } from "../../../src/model/Run.ts";
import { openRun } from "../../../src/runs/openRun.ts";

/** The correlation of the even entries. */
export const BUY = "550e8400-e29b-41d4-a716-446655440000";
const SELL = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";

/** A sealed run of 10 entries: eight of a caller, in frames of three. */
export async function writtenRun(): Promise<RunCatalog> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog, writer: { maxBatchEntries: 3, flushWhenIdle: false } });
  for (let item = 2; item <= 9; item += 1) {
    const isEven = item % 2 === 0;
    run.offer({
      topic: isEven ? "exec.order" : "md.quote",
      payloadType: isEven ? "Order" : "Quote",
      payload: `p${item}`,
      headers: { correlationId: isEven ? BUY : SELL },
      indexKeys: [
        { kind: "id", key: `O-${Math.floor(item / 3)}` },
        { kind: "desk", key: "d" },
      ],
    });
  }
  await run.close();
  return catalog;
}

/** The seqs that a query gives, pulled and pushed alike. */
export async function seqsOf(source: EntrySource, query?: EntryQuery): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of source.entries(query)) seqs.push(seq);
  const pushed = await firstValueFrom(source.entries$(query).pipe(toArray()));
  assert.equal(
    pushed.map(({ seq }) => seq),
    seqs,
  );
  return seqs;
}
