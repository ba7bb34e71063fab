// Leaves a run behind as a crash does: some commits, and then nothing more, not even a word.
import { openRun } from "tidemark";

const [directory = "", commits = "1"] = process.argv.slice(2);
const run = await openRun({ directory });
for (let commit = 0; commit < Number(commits); commit += 1) {
  await Promise.all(
    Array.from({ length: 50 }, (_, item) =>
      run.append({
        topic: "exec.command",
        payloadType: "SubmitOrder",
        payload: `${commit} ${item}`,
        indexKeys: [{ kind: "id", key: `O-${commit}-${item}` }],
      }),
    ),
  );
}
process.kill(process.pid, "SIGKILL");
