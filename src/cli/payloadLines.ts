import { textOf } from "./entryJson.ts";
import { hexDump } from "./hexDump.ts";
import { isJson, prettyJson } from "./prettyJson.ts";
import { visible, visibleBlock } from "./visibleText.ts";

/** A payload to be read by people: JSON on lines of its own, else text, else hex. */
export function* payloadLines(payload: Uint8Array): Generator<string> {
  const text = textOf(payload);
  if (text === undefined) yield* hexDump(payload);
  else if (isJson(text)) for (const line of prettyJson(text)) yield visible(line);
  else if (text !== "") yield visibleBlock(text);
}
