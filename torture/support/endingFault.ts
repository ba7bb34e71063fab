import type { Entry, RunStatus } from "../../src/index.ts";

/** What only a run that was closed by its own program ends with. */
const RUN_ENDED = "RunEnded";
const TOPIC = `run.lifecycle.${RUN_ENDED}`;

/** What a sealed run is called that its last entry does not bear out. */
export function endingFault(
  status: RunStatus,
  last: Pick<Entry, "topic" | "payloadType"> | undefined,
): string | undefined {
  const isEnded = last?.topic === TOPIC && last.payloadType === RUN_ENDED;
  if (status === "ended" && !isEnded) return "it is ended, and its last entry is no RunEnded";
  if (status === "crashed-recovered" && isEnded) return "it has ended, and is crashed-recovered";
  return undefined;
}
