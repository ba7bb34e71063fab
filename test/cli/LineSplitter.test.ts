import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isOneLine, LineSplitter, type Line } from "../../src/cli/LineSplitter.ts";

const test = suite("LineSplitter");
const MAX_BYTES = 10;

type Seen = [number: number, text: string | undefined];

function split(...chunks: (string | Uint8Array)[]): Seen[] {
  const splitter = new LineSplitter(MAX_BYTES);
  const seen: Seen[] = [];
  const see = ({ number, bytes }: Line): void => {
    seen.push([number, bytes === undefined ? undefined : Buffer.from(bytes).toString("latin1")]);
  };
  for (const chunk of chunks) for (const line of splitter.push(Buffer.from(chunk))) see(line);
  for (const line of splitter.end()) see(line);
  return seen;
}

test("cuts at \\n and at \\r\\n, and takes a last line without an end", () => {
  assert.equal(split("a\nb\r\nc"), [
    [1, "a"],
    [2, "b"],
    [3, "c"],
  ]);
});

test("counts blank lines and leaves them out", () => {
  assert.equal(split("\n \t\r\n\r\na\n\n"), [[4, "a"]]);
});

test("drops the BOM of the stream and keeps any other", () => {
  const mark = Uint8Array.of(0xef, 0xbb, 0xbf);
  assert.equal(split(mark, "a\n", mark, "b\n"), [
    [1, "a"],
    [2, "ï»¿b"],
  ]);
  assert.equal(split(mark, "\n", "a"), [[2, "a"]]);
});

test("keeps bytes as they are, UTF-8 or not, and a \\r that ends no line", () => {
  assert.equal(split(Uint8Array.of(0xff, 0x0d, 0x00, 0x0a)), [[1, "\u00FF\r\u0000"]]);
});

test("takes a line of the largest length, with a BOM and a \\r beside it", () => {
  assert.equal(split(Uint8Array.of(0xef, 0xbb, 0xbf), "0123456789\r\nb"), [
    [1, "0123456789"],
    [2, "b"],
  ]);
});

test("gives only the number of a line that is too long, and goes on with the next", () => {
  assert.equal(split("a\n0123456789x\nb\n", "x".repeat(50), "x".repeat(50), "y\nc"), [
    [1, "a"],
    [2, undefined],
    [3, "b"],
    [4, undefined],
    [5, "c"],
  ]);
  assert.equal(split("x".repeat(99)), [[1, undefined]]);
});

test("gives the same lines however the stream is cut into chunks", () => {
  const part = fc.constantFrom("\n", "\r\n", "\r", "a", " ", "0123456789", "\u00EF\u00BB\u00BF");
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(8)), (parts, sizes) => {
      const stream = Buffer.from(parts.join(""), "latin1");
      const chunks: Buffer[] = [];
      let rest = stream;
      for (const size of sizes) {
        chunks.push(rest.subarray(0, size));
        rest = rest.subarray(size);
      }
      assert.equal(split(...chunks, rest), split(stream));
    }),
  );
});

test("one line is what comes back as it is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0x0a, 0x0d, 0x20, 0x09, 0xef, 0xbb, 0xbf, 0x61), { maxLength: 5 }),
      fc.boolean(),
      (codes, isFirst) => {
        const bytes = Uint8Array.from(codes);
        const before = isFirst ? [] : [Buffer.from("first\n")];
        const splitter = new LineSplitter(100);
        const stream = Buffer.concat([...before, bytes, Buffer.from("\n")]);
        const lines = [...splitter.push(stream)].slice(before.length);
        const isSame = lines.length === 1 && Buffer.from(lines[0]?.bytes ?? []).equals(bytes);
        assert.is(isOneLine(bytes, isFirst), isSame, Buffer.from(bytes).toString("hex"));
      },
    ),
  );
});

test.run();
