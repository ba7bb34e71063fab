import { readFileSync } from "node:fs";
import { hash } from "blake3-jit";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeFrame } from "../../src/format/decodeFrame.ts";
import { FORMAT_VERSION } from "../../src/format/formatVersion.ts";
import { draft, hex } from "./frames.ts";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";

const test = suite("docs/format.md");

const document = readFileSync(new URL("../../docs/format.md", import.meta.url), "utf8");

/** The first code block after a heading. */
function blockAfter(heading: string): string {
  const section = document.slice(document.indexOf(`\n## ${heading}\n`));
  return section.split("```")[1] ?? "";
}

/** The bytes of an annotated dump: after the offset, groups of hex digits up to the first word. */
function dumped(block: string): readonly { readonly at: number; readonly bytes: string }[] {
  return Array.from(block.matchAll(/^ *(\d+) {2}((?:[0-9a-f]+ ?)+)(?: |$)/gm), (match) => ({
    at: Number(match[1]),
    bytes: (match[2] as string).replaceAll(" ", ""),
  }));
}

function exampleFrame(): Uint8Array {
  const indexKeys = [{ kind: "clientOrderId", key: "O-19" }];
  const { bytes } = encodeFrame([draft({ indexKeys })], { fromSeq: 42, epoch: 1 });
  sealFrame(bytes, GENESIS);
  return bytes;
}

test("describes the version that is written", () => {
  assert.is(FORMAT_VERSION, 1);
  assert.match(document, "This is format version 1,");
});

test("shows an example that is written byte for byte", () => {
  const bytes = exampleFrame();
  let at = 0;
  for (const line of dumped(blockAfter("A worked example"))) {
    assert.is(line.at, at);
    at += line.bytes.length / 2;
    assert.is(line.bytes, hex(bytes.subarray(line.at, at)), `at ${line.at}`);
  }
  assert.is(at, bytes.length);
});

test("shows an example that is read back", () => {
  const bytes = Buffer.from(
    dumped(blockAfter("A worked example"))
      .map((line) => line.bytes)
      .join(""),
    "hex",
  );
  const entry = decodeFrame(bytes).entryAt(42);
  assert.is(entry?.topic, "exec.command");
  assert.equal(entry?.indexKeys, [{ kind: "clientOrderId", key: "O-19" }]);
});

test("shows the bytes under the hash of the example", () => {
  const [preImage = "", expected = ""] = blockAfter("Entry hash").trim().split("\n\n");
  const bytes = Buffer.from(preImage.replaceAll(/\s/g, ""), "hex");
  assert.is(bytes.length, 105);
  assert.is(hex(hash(bytes)), expected);
  assert.is(hex(decodeFrame(exampleFrame()).entryAt(42)?.hash ?? bytes), expected);
});

test.run();
