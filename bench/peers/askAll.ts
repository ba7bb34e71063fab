import type { Context } from "../Benchmark.ts";
import { PAYLOAD_BYTES } from "../drafts.ts";
import { interleaved } from "../harness.ts";
import { type Answer, askPeer, type Task } from "./askPeer.ts";
import type { Contender } from "./contenders.ts";
import type { Job, ResultOf } from "./jobs.ts";

/** What a contender gave in every round. */
export interface Given<Kind extends Job["kind"]> {
  readonly contender: Contender;
  readonly rounds: readonly ResultOf[Kind][];
}

/** The results of all rounds, and who gave none. */
export interface Answers<Kind extends Job["kind"]> {
  readonly results: readonly Given<Kind>[];
  readonly notes: readonly string[];
}

/**
 * Gives everybody the same task in every round; who fails once, or cannot do it, is left out.
 *
 * @throws where it is one of ours that fails: nothing is to be said about others then.
 */
export async function askAll<Kind extends Job["kind"]>(
  contenders: readonly Contender[],
  task: Task<Kind>,
  { rounds, folder }: Pick<Context, "rounds" | "folder">,
): Promise<Answers<Kind>> {
  const asking = contenders.map(({ id, name, command, isOurs }) => {
    const ask = async (): Promise<Answer<Kind>> => {
      const where = { directory: folder(), payloadBytes: PAYLOAD_BYTES };
      const answer = await askPeer(command, task, where);
      if (isOurs && "failed" in answer) {
        throw new Error(`${name}, ${task.kind}: ${answer.failed}`);
      }
      return answer;
    };
    return [id, ask] as const;
  });
  const answers = await interleaved(rounds, Object.fromEntries(asking));
  const results: Given<Kind>[] = [];
  const notes: string[] = [];
  for (const contender of contenders) {
    const given = answers[contender.id] ?? [];
    const why = given.map(whyNone).find((reason) => reason !== undefined);
    if (why !== undefined) notes.push(`${contender.name}, ${task.kind}: ${why}`);
    else results.push({ contender, rounds: given as readonly ResultOf[Kind][] });
  }
  return { results, notes };
}

function whyNone(answer: Answer<Job["kind"]>): string | undefined {
  if ("unsupported" in answer) return answer.unsupported;
  return "failed" in answer ? `FAILED: ${answer.failed}` : undefined;
}
