import { from, lastValueFrom, of } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryBackend } from "../../src/backends/memory/MemoryBackend.ts";
import type { Backend } from "../../src/backends/Backend.ts";
import { leasedBackend } from "../../src/runs/leasedBackend.ts";
import { storedRun } from "../streams/support/scriptedBackend.ts";
import { overridden } from "./support/wrappedCatalog.ts";

const test = suite("leasedBackend");

const LEASE = {
  instanceId: "default",
  create: () => Promise.reject(new Error("no")),
  recover: () => Promise.reject(new Error("no")),
  remove: () => Promise.reject(new Error("no")),
  release: () => Promise.resolve(),
};

function finished(backend: Backend): Promise<unknown> {
  const finishing$ = leasedBackend(backend, LEASE).finishing?.() ?? of("nothing to ask");
  return lastValueFrom(from(finishing$), { defaultValue: "completed" });
}

test("tells the backend that the run is about to end, if it wants to know", async () => {
  const backend: Backend = new MemoryBackend(storedRun(), () => {});
  assert.is(await finished(backend), "completed");
  let told = 0;
  const finishing = async (): Promise<void> => {
    told += 1;
  };
  await finished(overridden<Backend>(backend, { finishing }));
  assert.is(told, 1);
});

test.run();
