import { setImmediate as turn } from "node:timers/promises";
import { EMPTY, filter, firstValueFrom, lastValueFrom, Subject, takeWhile } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { draftOf } from "../../bench/drafts.ts";
import { groupCommit } from "../../bench/peers/groupCommit.ts";

const test = suite("bench/groupCommit");

test("what comes in one turn is one commit, and what comes during it is the next one", async () => {
  const commits: (readonly [fromSeq: number, entries: number])[] = [];
  const gates = [new Subject<void>(), new Subject<void>()];
  const pipeline = groupCommit({
    prepare: (entries, fromSeq) => () => {
      commits.push([fromSeq, entries.length]);
      return firstValueFrom(gates[commits.length - 1] ?? EMPTY);
    },
    close: () => {},
  });
  for (let entry = 0; entry < 3; entry++) pipeline.offer(draftOf(entry));
  while (commits.length === 0) await turn();
  for (let entry = 0; entry < 5; entry++) pipeline.offer(draftOf(entry));
  gates[0]?.next();
  assert.is(await firstValueFrom(pipeline.watermark$.pipe(filter((seq) => seq > 0))), 3);
  while (commits.length === 1) await turn();
  gates[1]?.next();
  await pipeline.close();
  assert.equal(commits, [
    [1, 3],
    [4, 5],
  ]);
  assert.is(pipeline.accepted, 8);
});

test("a commit that fails is an error of the watermark", async () => {
  const pipeline = groupCommit({
    prepare: () => () => Promise.reject(new Error("no disk")),
    close: () => {},
  });
  pipeline.offer(draftOf(0));
  const watching = lastValueFrom(pipeline.watermark$.pipe(takeWhile((seq) => seq < 1)));
  const failure = await watching.catch((error: unknown) => error);
  assert.is((failure as Error).message, "no disk");
});

test.run();
