import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAUSATION_ID, CORRELATION_ID, draft, sealedFrame } from "./frames.ts";

const test = suite("the size of a frame");

const TOPICS = ["exec.command.SubmitOrder", "exec.event.OrderFilled", "risk.event"];
const BOTH = { correlationId: CORRELATION_ID, causationId: CAUSATION_ID };

function bytesPerEntry(payloadBytes: number, headers = {}): number {
  const drafts = Array.from({ length: 100 }, (_, index) =>
    draft({
      topic: TOPICS[index % TOPICS.length] as string,
      payload: new Uint8Array(payloadBytes),
      headers,
    }),
  );
  return sealedFrame(drafts).length / drafts.length;
}

for (const payloadBytes of [0, 64, 256, 1_024]) {
  for (const [name, headers] of [
    ["without headers", {}],
    ["with one header", { correlationId: CORRELATION_ID }],
    ["with both headers", BOTH],
  ] as const) {
    test(`is at most 1.15 of payload and 80 bytes: ${payloadBytes} bytes ${name}`, () => {
      const actual = bytesPerEntry(payloadBytes, headers);
      assert.ok(actual <= 1.15 * (payloadBytes + 80), `${actual} bytes per entry`);
    });
  }
}

test("holds for every length of payload without headers", () => {
  for (let payloadBytes = 0; payloadBytes <= 300; payloadBytes++) {
    assert.ok(bytesPerEntry(payloadBytes) <= 1.15 * (payloadBytes + 80), `${payloadBytes} bytes`);
  }
});

test("holds with both headers from 34 bytes of payload on: below, padding may be too much", () => {
  for (let payloadBytes = 34; payloadBytes <= 300; payloadBytes++) {
    const actual = bytesPerEntry(payloadBytes, BOTH);
    assert.ok(actual <= 1.15 * (payloadBytes + 80), `${payloadBytes} bytes: ${actual}`);
  }
  assert.ok(bytesPerEntry(1, BOTH) > 1.15 * (1 + 80));
});

test.run();
