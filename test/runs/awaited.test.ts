import { of, throwError } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DiskError } from "../../src/model/errors.ts";
import { awaited } from "../../src/runs/awaited.ts";
import { failureOf } from "../streams/support/failureOf.ts";

const test = suite("awaited");

test("gives what a promise, an observable and an array answer", async () => {
  assert.is(await awaited(Promise.resolve(1)), 1);
  assert.is(await awaited(of(2)), 2);
  assert.is(await awaited([3]), 3);
});

test("rejects with what went wrong, whatever it was asked of", async () => {
  const failure = new DiskError("The disk failed", 5);
  assert.is(await failureOf(awaited(Promise.reject(failure))), failure);
  assert.is(await failureOf(awaited(throwError(() => failure))), failure);
});

test.run();
