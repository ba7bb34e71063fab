import path from "node:path";
import { suite } from "uvu";
import { readRunManifest } from "../../../src/backends/lmdb/runFolder.ts";
import { rejects } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("the folder of a run");
const ENAMETOOLONG = 36;

test("that cannot be looked at is an error of ours, with its number", async () => {
  await inTemporaryFolder(async (folder) => {
    const instance = path.join(folder, "x".repeat(300));
    await rejects(readRunManifest(path.join(instance, "run")), {
      code: "TIDEMARK_BACKEND",
      errno: ENAMETOOLONG,
    });
  });
});

test.run();
