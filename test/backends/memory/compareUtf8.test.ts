import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareUtf8 } from "../../../src/backends/memory/compareUtf8.ts";

const test = suite("compareUtf8");

test("orders well-formed strings as their UTF-8 bytes are ordered", () => {
  const edges = ["a", "b", "\u007f", "\u0080", "\u07ff", "\ud7ff", "\ue000", "\uffff", "😀", "🙀"];
  const text = fc.string({
    unit: fc.constantFrom(...edges, "\u{10000}", "\u{10ffff}"),
    maxLength: 4,
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const byBytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      assert.is(Math.sign(compareUtf8(a, b)), byBytes);
    }),
    { numRuns: 2_000 },
  );
});

test.run();
