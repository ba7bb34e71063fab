import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rustPeers } from "../../bench/peers/rustPeers.ts";

const test = suite("bench/rustPeers");

test("every peer says why it is left out where there is no toolchain", async () => {
  const { PATH } = process.env;
  process.env["PATH"] = "/nowhere";
  try {
    const prepared = await Promise.all(rustPeers.map((peer) => peer.prepare()));
    const why = "There is no Rust toolchain: no cargo on the PATH";
    assert.equal(
      prepared,
      rustPeers.map(() => ({ why })),
    );
  } finally {
    process.env["PATH"] = PATH;
  }
});

test.run();
