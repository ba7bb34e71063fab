// Starts a writer process when every file that this process may have is open.
import { closeSync, openSync } from "node:fs";
import { startWriterProcess } from "../../../../src/backends/lmdb/startWriterProcess.ts";
import { WriterProcess } from "../../../../src/backends/lmdb/WriterProcess.ts";
import type { BackendError } from "../../../../src/model/errors.ts";

const files: number[] = [];
try {
  for (;;) files.push(openSync("/dev/null", "r"));
} catch {
  // None is left.
}
const child = startWriterProcess();
for (const file of files) closeSync(file);
const failure = await new WriterProcess(child).request({ type: "close" }).then(
  () => undefined,
  (error: BackendError) => error,
);
console.log(`${failure?.code} ${failure?.errno}`);
