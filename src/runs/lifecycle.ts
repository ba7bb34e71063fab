import type { Entry, EntryDraft } from "../model/entry.ts";
import {
  LIFECYCLE_TOPIC_PREFIX,
  RUN_ENDED,
  RUN_STARTED,
  type RunIdentity,
} from "../model/manifest.ts";
import { canonicalJson } from "./canonicalJson.ts";

/** The first entry of a run: what ran. */
export function runStarted(identity: RunIdentity): EntryDraft {
  return {
    topic: LIFECYCLE_TOPIC_PREFIX + RUN_STARTED,
    payloadType: RUN_STARTED,
    payload: canonicalJson(identity),
  };
}

/** The last entry of a run that was closed. */
export function runEnded(): EntryDraft {
  return { topic: LIFECYCLE_TOPIC_PREFIX + RUN_ENDED, payloadType: RUN_ENDED, payload: "" };
}

/** Whether a run whose last entry this is was closed by its own process. */
export function isRunEnded({ topic, payloadType }: Entry): boolean {
  return topic === LIFECYCLE_TOPIC_PREFIX + RUN_ENDED && payloadType === RUN_ENDED;
}

/** Whether the run whose first entry this is was opened as one, and ends with an entry if it is closed. */
export function isRunStarted({ topic, payloadType }: Entry): boolean {
  return topic === LIFECYCLE_TOPIC_PREFIX + RUN_STARTED && payloadType === RUN_STARTED;
}
