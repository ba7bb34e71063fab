import { NEVER, throwError, type Observable } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openWriter } from "../../src/streams/openWriter.ts";
import { faultyBackend } from "../../src/testing/faultyBackend.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { outcomeOf } from "./support/failureOf.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("what a backend is told before a run ends");

/** A backend that keeps something back for the end. */
class ReservingBackend extends ScriptedBackend {
  readonly #answer: Observable<void>;

  constructor(answer: Observable<void>) {
    super();
    this.#answer = answer;
  }

  finishing(): Observable<void> {
    this.calls.push("finishing");
    return this.#answer;
  }
}

for (const [how, answer] of [
  ["never answers", NEVER],
  ["fails", throwError(() => new Error("no"))],
] as const) {
  test(`it is told once, before the last commit; where it ${how}, the run ends all the same`, async () => {
    const backend = new ReservingBackend(answer);
    const writer = openWriter(backend);
    const closed = writer.close(draftOf("end"));
    assert.is(writer.close(), closed);
    for (let step = 0; step < 3; step += 1) {
      backend.answer();
      await outcomeOf(closed);
    }
    assert.is((await closed).status, "ended");
    assert.equal(backend.calls, ["finishing", "append 1-1", "seal ended", "close"]);
  });
}

test("a backend that throws at it is closed all the same", async () => {
  const backend = new ReservingBackend(NEVER);
  backend.finishing = () => {
    throw new Error("no");
  };
  const writer = openWriter(backend);
  const closed = writer.close(draftOf("end"));
  for (let step = 0; step < 3; step += 1) {
    backend.answer();
    await outcomeOf(closed);
  }
  assert.is((await closed).status, "ended");
});

test("one that is abandoned is not told, and a faulty one passes it on", async () => {
  const abandoned = new ReservingBackend(NEVER);
  const writer = openWriter(abandoned);
  const gone = writer.abandon();
  abandoned.answer();
  await gone;
  assert.equal(abandoned.calls, ["close"]);
  const wrapped = new ReservingBackend(NEVER);
  faultyBackend(wrapped).finishing?.();
  assert.equal(wrapped.calls, ["finishing"]);
});

test.run();
