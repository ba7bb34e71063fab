import { suite } from "uvu";
import * as assert from "uvu/assert";
import { durationText } from "../../src/cli/durationText.ts";
import { sizeText } from "../../src/cli/sizeText.ts";

const test = suite("durationText and sizeText");

test("a duration is told in its largest unit, never rounded up to the next", () => {
  const told: readonly (readonly [bigint, string])[] = [
    [0n, "0 ns"],
    [999n, "999 ns"],
    [1_500n, "1.5 us"],
    [999_999n, "999 us"],
    [12_340_000n, "12.3 ms"],
    [-2_000_000n, "-2 ms"],
    [59_999_999_999n, "59.9 s"],
    [60_000_000_000n, "1 min 0 s"],
    [3_725_000_000_000n, "1 h 2 min"],
    [360_000_000_000_000n, "4 d 4 h"],
  ];
  for (const [ns, text] of told) assert.is(durationText(ns), text);
});

test("a size is told in its largest unit", () => {
  assert.is(sizeText(0), "0 B");
  assert.is(sizeText(1023), "1023 B");
  assert.is(sizeText(1024), "1 KiB");
  assert.is(sizeText(1536), "1.5 KiB");
  assert.is(sizeText(3 * 1024 ** 3), "3 GiB");
});

test.run();
