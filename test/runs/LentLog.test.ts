import { firstValueFrom, NEVER, of, Subject, throwError } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunLog } from "../../src/backends/Backend.ts";
import { BackendError, ClosedError, type TidemarkError } from "../../src/model/errors.ts";
import { LentLog, type LentLogConfig } from "../../src/runs/LentLog.ts";
import { failureOf } from "../streams/support/failureOf.ts";

const test = suite("LentLog");

/** A log that only counts how often it is closed. */
function countedLog(): RunLog & { closed: number } {
  const log = {
    closed: 0,
    close: () => {
      log.closed += 1;
      return of(undefined);
    },
  };
  return log as unknown as RunLog & { closed: number };
}

function lentOf(config: Partial<LentLogConfig>): LentLog {
  return new LentLog({
    watermark: () => 0,
    watermark$: NEVER,
    open: () => NEVER,
    refusal: () => undefined,
    ...config,
  });
}

test("opens the log at the first loan, and once for all who borrow", async () => {
  let opened = 0;
  const log = countedLog();
  const lent = lentOf({
    open: () => {
      opened += 1;
      return of(log);
    },
  });
  assert.is(opened, 0);
  assert.is(await firstValueFrom(lent.borrow()), log);
  assert.is(await firstValueFrom(lent.borrow()), log);
  assert.is(opened, 1);
});

test("opens it once for those who ask while it is being opened", () => {
  const opening = new Subject<RunLog>();
  let opened = 0;
  const lent = lentOf({
    open: () => {
      opened += 1;
      return opening;
    },
  });
  const got: RunLog[] = [];
  lent.borrow().subscribe((log) => got.push(log));
  lent.borrow().subscribe((log) => got.push(log));
  opening.next(countedLog());
  opening.complete();
  assert.is(opened, 1);
  assert.is(got.length, 2);
});

test("tries again after an attempt that failed", async () => {
  let tries = 0;
  const lent = lentOf({
    open: () => {
      tries += 1;
      return tries === 1 ? throwError(() => new BackendError("busy")) : of(countedLog());
    },
  });
  assert.is((await failureOf(firstValueFrom(lent.borrow()))).code, "TIDEMARK_BACKEND");
  assert.ok(await firstValueFrom(lent.borrow()));
});

test("closes the log when it is done with and the last loan is back", async () => {
  const log = countedLog();
  const lent = lentOf({ open: () => of(log) });
  await firstValueFrom(lent.borrow());
  await firstValueFrom(lent.borrow());
  let isClosed = false;
  lent.done(new ClosedError()).subscribe({ complete: () => (isClosed = true) });
  lent.giveBack();
  assert.equal([log.closed, isClosed], [0, false]);
  lent.giveBack();
  assert.equal([log.closed, isClosed], [1, true]);
  assert.is((await failureOf(firstValueFrom(lent.borrow()))).code, "TIDEMARK_CLOSED");
});

test("is done with at once where nobody has borrowed", () => {
  let isClosed = false;
  lentOf({})
    .done(new ClosedError())
    .subscribe({ complete: () => (isClosed = true) });
  assert.is(isClosed, true);
});

test("closes a log that opens after whoever wanted it has left", () => {
  const opening = new Subject<RunLog>();
  const log = countedLog();
  const lent = lentOf({ open: () => opening });
  lent.borrow().subscribe().unsubscribe();
  let isClosed = false;
  lent.done(new ClosedError()).subscribe({ complete: () => (isClosed = true) });
  assert.is(isClosed, false);
  opening.next(log);
  opening.complete();
  assert.equal([log.closed, isClosed], [1, true]);
});

test("closes a log that opens after it was done with, when that loan is back", () => {
  const opening = new Subject<RunLog>();
  const log = countedLog();
  const lent = lentOf({ open: () => opening });
  lent.borrow().subscribe();
  lent.done(new ClosedError()).subscribe();
  opening.next(log);
  opening.complete();
  assert.is(log.closed, 0);
  lent.giveBack();
  assert.is(log.closed, 1);
});

test("lends nothing that must not be touched any more, and closes it like any other", async () => {
  const log = countedLog();
  let refusal: TidemarkError | undefined;
  const lent = lentOf({ open: () => of(log), refusal: () => refusal });
  await firstValueFrom(lent.borrow());
  refusal = new BackendError("failed");
  assert.is((await failureOf(firstValueFrom(lent.borrow()))).code, "TIDEMARK_BACKEND");
  lent.giveBack();
  let isClosed = false;
  lent.done(refusal).subscribe({ complete: () => (isClosed = true) });
  assert.equal([log.closed, isClosed], [1, true]);
});

for (const [title, close] of [
  ["could not be closed", () => throwError(() => new BackendError("stuck"))],
  [
    "throws when it is closed",
    () => {
      throw new BackendError("stuck");
    },
  ],
] as const) {
  test(`tells where the log ${title}`, () => {
    const log = { close } as unknown as RunLog;
    const lent = lentOf({ open: () => of(log) });
    lent.borrow().subscribe();
    lent.giveBack();
    let code: unknown;
    lent.done(new ClosedError()).subscribe({ error: (failure) => (code = failure.code) });
    assert.is(code, "TIDEMARK_BACKEND");
  });
}

test.run();
