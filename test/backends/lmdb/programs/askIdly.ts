// Asks a process that never answers for something that nothing depends on, and ends.
import { spawn } from "node:child_process";
import { WriterProcess } from "../../../../src/backends/lmdb/WriterProcess.ts";

const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
  stdio: ["pipe", "ignore", "pipe", "pipe"],
});
void new WriterProcess(child).request({ type: "checkpoint" }, { isIdle: true });
console.log("asked");
