import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeManifest, encodeManifest } from "../../../src/backends/lmdb/manifestJson.ts";
import type { RunManifest } from "../../../src/model/manifest.ts";
import { throws } from "./rejection.ts";
import { manifestOf } from "./sampleFrames.ts";

const test = suite("manifestJson");

const FULL: RunManifest = {
  ...manifestOf(1_790_000_000_000_000_001n),
  parentRunId: "1780000000000000000-00000007",
  identity: {
    binaryHash: "sha256:00",
    configHash: "",
    schemaVersion: 7,
    seed: -(2n ** 70n),
    featureFlags: ["b", "a"],
    adapterVersions: { BINANCE: "1.2" },
    components: {
      actors: { A: "1" },
      strategies: {},
      algorithms: { TWAP: "🚀" },
      subscriptions: ["quotes.*"],
      endpoints: [],
    },
  },
  endTsInit: 2n ** 64n - 1n,
  highWatermark: 12,
  status: "ended",
};

function decode(text: string): RunManifest {
  return decodeManifest(Buffer.from(text));
}

/** The text of a manifest in which one field, named by its path, is another or gone. */
function mutated(path: string, value?: unknown): string {
  const manifest = JSON.parse(encodeManifest(FULL)) as Record<string, unknown>;
  const names = path.split(".");
  const last = names.pop() ?? "";
  const owner = names.reduce((fields, name) => fields[name] as Record<string, unknown>, manifest);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return JSON.stringify(manifest);
}

test("a manifest comes back as it was", () => {
  assert.equal(decode(encodeManifest(FULL)), FULL);
  const least = manifestOf(0n);
  assert.equal(decode(encodeManifest(least)), least);
});

test("a name like __proto__ is a name", () => {
  const adapterVersions = JSON.parse('{"__proto__":"1"}') as Record<string, string>;
  const { identity } = decode(encodeManifest({ ...FULL, identity: { adapterVersions } }));
  assert.equal(Object.entries(identity.adapterVersions ?? {}), [["__proto__", "1"]]);
});

test("a version that is not known is told as such", () => {
  throws(() => decode(mutated("formatVersion", 2)), {
    code: "TIDEMARK_UNSUPPORTED_FORMAT",
    found: 2,
  });
});

const DAMAGED: Readonly<Record<string, string>> = {
  "empty file": "",
  "no JSON": "{",
  "an array": "[]",
  null: "null",
  "a string": '"running"',
  "trailing bytes": `${encodeManifest(FULL)}}`,
  "no version": mutated("formatVersion"),
  "a version that is text": mutated("formatVersion", "1"),
  "no run id": mutated("runId"),
  "a run id that leads out": mutated("runId", "../x"),
  "a run id that is a number": mutated("runId", 7),
  "no instance id": mutated("instanceId"),
  "an empty instance id": mutated("instanceId", ""),
  "a parent that is null": mutated("parentRunId", null),
  "no identity": mutated("identity"),
  "an identity that is a list": mutated("identity", []),
  "a field that nobody knows": mutated("extra", 1),
  "a part of the identity that nobody knows": mutated("identity.x", 1),
  "a seed that is a number": mutated("identity.seed", 1),
  "a seed that is hexadecimal": mutated("identity.seed", "0x10"),
  "a seed without end": mutated("identity.seed", "9".repeat(2_000)),
  "flags that are text": mutated("identity.featureFlags", "ab"),
  "a flag that is a number": mutated("identity.featureFlags", [1]),
  "a version of an adapter that is null": mutated("identity.adapterVersions", { BINANCE: null }),
  "components that are null": mutated("identity.components", null),
  "no start": mutated("startTsInit"),
  "a start that is a number": mutated("startTsInit", 1),
  "a start before 1970": mutated("startTsInit", "-1"),
  "a start with zeros in front": mutated("startTsInit", "007"),
  "an end after 2^64": mutated("endTsInit", "18446744073709551616"),
  "no watermark": mutated("highWatermark"),
  "a watermark with a fraction": mutated("highWatermark", 1.5),
  "a watermark below 0": mutated("highWatermark", -1),
  "a watermark beyond 2^53": mutated("highWatermark", 2 ** 53),
  "a status that nobody knows": mutated("status", "done"),
  "a watermark and an end before the seal": mutated("status", "running"),
  "a watermark before the seal": encodeManifest(manifestOf(1n)).replace(
    '"highWatermark": 0',
    '"highWatermark": 1',
  ),
  "an end before the seal": encodeManifest(manifestOf(1n)).replace(
    '"highWatermark"',
    '"endTsInit": "1", "highWatermark"',
  ),
};

for (const [what, text] of Object.entries(DAMAGED)) {
  test(`${what} is damage`, () => {
    throws(() => decode(text), { code: "TIDEMARK_CORRUPTED" });
  });
}

test("bytes that are no UTF-8 are damage", () => {
  const bytes = Buffer.from(encodeManifest(FULL));
  bytes[bytes.indexOf("BINANCE")] = 0xff;
  throws(() => decodeManifest(bytes), { code: "TIDEMARK_CORRUPTED" });
});

test("an identity that could not be read back is refused", () => {
  const identity = { configHash: "x".repeat(2 ** 20) };
  throws(() => encodeManifest({ ...FULL, identity }), { code: "TIDEMARK_INVALID_CONFIG" });
  throws(() => encodeManifest({ ...FULL, identity: { seed: 10n ** 2_000n } }), {
    code: "TIDEMARK_INVALID_CONFIG",
  });
});

test.run();
