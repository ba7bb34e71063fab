import fs, { writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { REPLY_PIPE } from "../../src/backends/lmdb/protocol.ts";
import { ReplyReader } from "../../src/backends/lmdb/replies.ts";

/*
 * Loaded into a writer process before its program: notes the moment of every reply as it is about to
 * leave, which is when its commit has returned, and leaves those of commits with their last seqs at the
 * end in the file that our own URL names. It costs a commit some 200 ns.
 */

const { writeSync } = fs;
const said: Uint8Array[] = [];
const moments: bigint[] = [];

fs.writeSync = ((...call: Parameters<typeof writeSync>) => {
  const [file, bytes] = call as unknown as [number, Uint8Array];
  if (file === REPLY_PIPE) {
    moments.push(process.hrtime.bigint());
    said.push(bytes);
  }
  return writeSync(...call);
}) as typeof writeSync;
syncBuiltinESMExports();

process.once("exit", () => {
  const replies = new ReplyReader();
  const commits = said.flatMap((bytes, index) => {
    const [reply] = replies.push(Buffer.from(bytes));
    return reply?.type === "committed" ? [reply.toSeq, Number(moments[index]) / 1e6] : [];
  });
  writeFileSync(
    new URL(import.meta.url).searchParams.get("into") ?? "",
    Float64Array.from(commits),
  );
});
