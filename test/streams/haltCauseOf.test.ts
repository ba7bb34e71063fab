import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  BackendError,
  ClosedError,
  CorruptedError,
  DiskError,
  FencedError,
  GapError,
  HashMismatchError,
  LockedError,
  NotFoundError,
  OutOfOrderError,
  SealedError,
  UnsupportedFormatError,
} from "../../src/model/errors.ts";
import { haltCauseOf } from "../../src/streams/haltCauseOf.ts";

const test = suite("haltCauseOf");

test("classifies disk as disk, with the number that the system gave", () => {
  const failure = new DiskError("full", 28);
  assert.equal(haltCauseOf(failure), {
    kind: "backend-disk",
    message: "full",
    code: 28,
    cause: failure,
  });
  assert.is("code" in haltCauseOf(new DiskError("full")), false);
});

for (const failure of [
  new CorruptedError("bad", 3),
  new HashMismatchError(3),
  new GapError(3, 4),
]) {
  test(`classifies ${failure.name} as corrupted`, () => {
    assert.equal(haltCauseOf(failure), {
      kind: "backend-corrupted",
      message: failure.message,
      cause: failure,
    });
  });
}

for (const failure of [
  new BackendError("broken"),
  new ClosedError(),
  new LockedError("held"),
  new NotFoundError("run"),
  new OutOfOrderError(2, 5),
  new SealedError("run"),
  new UnsupportedFormatError("frame", 9, 1),
  new Error("plain"),
]) {
  test(`classifies ${failure.name} as error, with its text`, () => {
    assert.equal(haltCauseOf(failure), {
      kind: "backend-error",
      message: failure.message,
      cause: failure,
    });
  });
}

test("keeps the number of a backend error", () => {
  const cause = haltCauseOf(new BackendError("broken", 5));
  assert.is("code" in cause && cause.code, 5);
});

test("takes anything that is thrown for an error", () => {
  for (const [thrown, message] of [
    ["text", "text"],
    [undefined, "undefined"],
    [null, "null"],
  ] as const) {
    assert.equal(haltCauseOf(thrown), { kind: "backend-error", message, cause: thrown });
  }
});

test("tells both epochs of a writer that was fenced", () => {
  assert.equal(haltCauseOf(new FencedError(3, 7)), { kind: "fenced", epoch: 3, foundEpoch: 7 });
});

test.run();
