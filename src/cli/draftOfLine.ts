import { checkDraft, draftLimitsOf } from "../model/checkDraft.ts";
import type { EntryDraft } from "../model/entry.ts";
import { InvalidConfigError, InvalidEntryError } from "../model/errors.ts";
import { draftOfJson, textOf } from "./entryJson.ts";

/**
 * What makes a draft of a line: the line is one in JSON, or, where topic and type are given, its
 * bytes are the payload as they are.
 *
 * @throws {@link InvalidConfigError} for one without the other, {@link InvalidEntryError} where no
 * line could ever be recorded under them.
 */
export function draftReaderOf(
  topic: string | undefined,
  payloadType: string | undefined,
): (line: Uint8Array) => EntryDraft {
  if (topic === undefined && payloadType === undefined) return draftOfLine;
  if (topic === undefined || payloadType === undefined) {
    const [given, absent] = topic === undefined ? ["--type", "--topic"] : ["--topic", "--type"];
    throw new InvalidConfigError(given, `given together with ${absent}`, topic ?? payloadType);
  }
  checkDraft({ topic, payloadType, payload: "" }, draftLimitsOf(0));
  return (payload) => ({ topic, payloadType, payload });
}

function draftOfLine(line: Uint8Array): EntryDraft {
  const text = textOf(line);
  if (text === undefined) throw new InvalidEntryError("line", "UTF-8", line);
  return draftOfJson(parsed(text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidEntryError("line", "JSON", text);
  }
}
