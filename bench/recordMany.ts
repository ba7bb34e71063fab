import type { EntryDraft } from "../src/model/entry.ts";
import type { Run } from "../src/model/Run.ts";

/** Half a queue: nobody ever stands in line, where a machine that is busy would bring a halt. */
const AT_ONCE = 5_000;

/** Records so many entries, all of them durable in the end. */
export async function recordMany(
  run: Pick<Run, "submit" | "append">,
  entries: number,
  nextDraft: (turn: number) => EntryDraft,
): Promise<void> {
  for (let turn = 0; turn < entries; turn += 1) {
    if (turn % AT_ONCE === AT_ONCE - 1 || turn === entries - 1) await run.append(nextDraft(turn));
    else void run.submit(nextDraft(turn));
  }
}
