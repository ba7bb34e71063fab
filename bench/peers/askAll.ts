import type { Context } from "../Benchmark.ts";
import { PAYLOAD_BYTES } from "../drafts.ts";
import { interleaved } from "../harness.ts";
import { type Answer, askPeer, type Task } from "./askPeer.ts";
import type { Contender } from "./contenders.ts";
import type { Job, ResultOf } from "./jobs.ts";

/** The results of all rounds by name, and who gave none. */
export interface Answers<Kind extends Job["kind"]> {
  readonly results: ReadonlyMap<string, readonly ResultOf[Kind][]>;
  readonly notes: readonly string[];
}

/** Gives everybody the same task in every round; who fails once, or cannot do it, is left out. */
export async function askAll<Kind extends Job["kind"]>(
  contenders: readonly Contender[],
  task: Task<Kind>,
  { rounds, folder }: Pick<Context, "rounds" | "folder">,
): Promise<Answers<Kind>> {
  const asking = contenders.map(({ name, command }): [string, () => Promise<Answer<Kind>>] => {
    return [
      name,
      () => askPeer(command, task, { directory: folder(), payloadBytes: PAYLOAD_BYTES }),
    ];
  });
  const answers = await interleaved(rounds, Object.fromEntries(asking));
  const results = new Map<string, readonly ResultOf[Kind][]>();
  const notes: string[] = [];
  for (const { name } of contenders) {
    const given = answers[name] ?? [];
    const why = given.map(whyNone).find((reason) => reason !== undefined);
    if (why === undefined) results.set(name, given as readonly ResultOf[Kind][]);
    else notes.push(`${name}, ${task.kind}: ${why}`);
  }
  return { results, notes };
}

function whyNone(answer: Answer<Job["kind"]>): string | undefined {
  if ("unsupported" in answer) return answer.unsupported;
  return "failed" in answer ? `FAILED: ${answer.failed}` : undefined;
}
