import { of, Subject } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BackendError } from "../../src/model/errors.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { faultyBackend } from "../../src/testing/faultyBackend.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("a backend that tells by itself that it failed");

/** A backend that can say by itself that it has failed. */
class TellingBackend extends ScriptedBackend {
  readonly failure$ = new Subject<unknown>();
}

for (const wrapped of [false, true]) {
  test(`a backend that fails while nothing is asked of it halts at once${wrapped ? ", behind another" : ""}`, async () => {
    const backend = new TellingBackend();
    const writer = openWriter(wrapped ? faultyBackend(backend) : backend);
    const reasons: HaltReason[] = [];
    let isOver = false;
    writer.halt$.subscribe({
      next: (reason) => reasons.push(reason),
      complete: () => (isOver = true),
    });
    const cause = new BackendError("gone", 9);
    backend.failure$.next(cause);
    const failure = { kind: "backend-error", message: "gone", code: 9, cause } as const;
    assert.equal(reasons, [{ ...failure, lastDurableSeq: 0, lostEntries: 0 }]);
    assert.ok(isOver);
    assert.not(backend.failure$.observed);
    assert.is(writer.offer(draftOf(1)), false);
    assert.is((await failureOf(writer.append(draftOf(1)))).code, "TIDEMARK_HALTED");
    assert.equal(backend.calls, ["fail"]);
  });
}

test("a backend whose fail() throws halts all the same, and nobody waits for ever", async () => {
  const backend = new TellingBackend();
  backend.fail = () => {
    throw new BackendError("broken");
  };
  const writer = openWriter(backend);
  const append = writer.append(draftOf(1));
  backend.failure$.next(new BackendError("gone"));
  assert.is((await failureOf(append)).message, "The writer has halted: backend-error");
  await writer.abandon();
});

test("nor where it throws because the close behind the seal had failed", async () => {
  const backend = new TellingBackend();
  backend.fail = () => {
    throw new BackendError("broken");
  };
  const closing = openWriter(backend).close();
  backend.answer();
  backend.failWith(new BackendError("stuck"));
  assert.is((await failureOf(closing)).message, "stuck");
});

for (const end of ["close", "abandon"] as const) {
  test(`a backend that fails while or after it is let go of by ${end}() halts nobody`, async () => {
    const backend = new TellingBackend();
    const writer = openWriter(backend);
    const kinds: string[] = [];
    writer.halt$.subscribe({
      next: ({ kind }) => kinds.push(kind),
      complete: () => kinds.push("|"),
    });
    const ended = writer[end]();
    if (end === "close") backend.answer();
    backend.failure$.next(new BackendError("gone"));
    backend.answer();
    await ended;
    backend.failure$.next(new BackendError("gone"));
    assert.equal(kinds, ["|"]);
    assert.not(backend.failure$.observed);
    assert.is((await failureOf(writer.append(draftOf(1)))).code, "TIDEMARK_CLOSED");
  });
}

test("a backend that had failed before halts its writer from the start", () => {
  const backend = Object.assign(new ScriptedBackend(), { failure$: of(new BackendError("gone")) });
  const kinds: string[] = [];
  openWriter(backend).halt$.subscribe(({ kind }) => kinds.push(kind));
  assert.equal(kinds, ["backend-error"]);
});

test.run();
