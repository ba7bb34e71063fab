import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentHashOf } from "../../src/format/contentHash.ts";

const test = suite("contentHashOf");

/** Hashes from the test vectors of the BLAKE3 project, whose input counts 0, 1 … 250, 0, 1 … */
for (const [length, expected] of [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"],
  [1_024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"],
  [1_025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"],
  [102_400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"],
] as const) {
  test(`gives the BLAKE3 of ${length} bytes`, () => {
    const bytes = Uint8Array.from({ length }, (_, index) => index % 251);
    assert.is(contentHashOf(bytes), `blake3:${expected}`);
  });
}

test("hashes a view and not the buffer behind it", () => {
  const bytes = Uint8Array.of(9, 9, 0, 9);
  const expected = "blake3:2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213";
  assert.is(contentHashOf(bytes.subarray(2, 3)), expected);
  assert.is(contentHashOf(Buffer.from(bytes).subarray(2, 3)), expected);
});

test.run();
