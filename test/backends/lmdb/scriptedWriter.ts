import { spawn } from "node:child_process";
import type { MemoryFile } from "../../../src/backends/lmdb/MemoryFile.ts";
import { WriterProcess } from "../../../src/backends/lmdb/WriterProcess.ts";
import type { TidemarkError } from "../../../src/model/errors.ts";

/** A writer process that does something else, and what was heard of its failure. */
export interface Scripted {
  readonly process: WriterProcess;
  readonly pid: number;
  readonly failures: TidemarkError[];
}

/**
 * A process that does this with each request: `type` is what it asks for, `kind` how it came, `body` what
 * came with it, and `reply` answers.
 */
export function processThat(does: string, memory?: MemoryFile): Scripted {
  const code = `
    const fs = require("node:fs");
    const print = (text) => fs.writeSync(3, text);
    const reply = (message) => {
      if (message.type !== "committed") return print(JSON.stringify(message) + "\\n");
      const bytes = Buffer.alloc(25, 1);
      bytes.writeDoubleLE(message.toSeq, 1);
      bytes.writeDoubleLE(message.commitMs, 9);
      bytes.writeDoubleLE(message.txnid, 17);
      fs.writeSync(3, bytes);
    };
    const read = (length) => {
      const bytes = Buffer.alloc(length);
      for (let at = 0; at < length;) {
        const read = fs.readSync(0, bytes, at, length - at, null);
        if (read === 0) process.exit(0);
        at += read;
      }
      return bytes;
    };
    for (;;) {
      const prefix = read(12);
      const head = read(prefix.readUInt32LE(4));
      const kind = prefix.readUInt32LE(0);
      const { type } = kind === 0 ? JSON.parse(head) : { type: "append" };
      const body = kind === 2 ? Buffer.alloc(prefix.readUInt32LE(8)) : read(prefix.readUInt32LE(8));
      if (kind === 2) fs.readSync(4, body, 0, body.length, head.readUInt32LE(0));
      ${does};
    }
  `;
  const child = spawn(process.execPath, ["-e", code], {
    stdio: ["pipe", "ignore", "pipe", "pipe", memory?.descriptor ?? "ignore"],
  });
  const scripted = { process: new WriterProcess(child, memory), pid: child.pid ?? 0, failures: [] };
  const failures: TidemarkError[] = scripted.failures;
  scripted.process.onFailure = (failure) => failures.push(failure);
  return scripted;
}
