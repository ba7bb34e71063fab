import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { LogWriter } from "../../src/backends/lmdb/LogWriter.ts";

/*
 * Loaded into a writer process before its program: notes the last seq and the moment of every commit
 * as it returns, and leaves them at the end in the file that our own URL names. It costs a commit
 * some 200 ns.
 */

const [, program = ""] = process.argv;
const writer = new URL(`./LogWriter${extname(program)}`, pathToFileURL(program));
const loaded = (await import(writer.href)) as { readonly LogWriter: typeof LogWriter };
const { prototype } = loaded.LogWriter;
// oxlint-disable-next-line typescript/unbound-method -- bound by the call below
const { append } = prototype;
const moments: number[] = [];

prototype.append = function appendAndNote(frames) {
  const toSeq = append.call(this, frames);
  moments.push(toSeq, Number(process.hrtime.bigint()) / 1e6);
  return toSeq;
};
process.once("exit", () => {
  writeFileSync(
    new URL(import.meta.url).searchParams.get("into") ?? "",
    Float64Array.from(moments),
  );
});
