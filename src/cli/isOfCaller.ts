import type { Entry } from "../model/entry.ts";
import { LIFECYCLE_TOPIC_PREFIX } from "../model/manifest.ts";

/** Whether a caller handed an entry in, and not the run itself. */
export function isOfCaller({ topic }: Pick<Entry, "topic">): boolean {
  return !topic.startsWith(LIFECYCLE_TOPIC_PREFIX);
}
