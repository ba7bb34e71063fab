import type { Entry } from "../../model/entry.ts";
import { InvalidEntryError } from "../../model/errors.ts";
import { draftJsonOf, entryJsonOf, textOf } from "../entryJson.ts";
import { isOneLine } from "../LineSplitter.ts";
import type { Output } from "../Output.ts";
import type { ExportFormat } from "./exportFormats.ts";

/** Writes entries in one form. */
export interface RowWriter {
  write(entry: Entry): void;
  /** Writes what was held back. */
  end(): void;
}

const CSV_COLUMNS = [
  "seq",
  "tsInit",
  "tsPublish",
  "topic",
  "payloadType",
  "correlationId",
  "causationId",
  "indexKeys",
  "payload",
  "payloadBase64",
  "hash",
];
/** Rows are made text together, so many of them or so many bytes of payload. */
const CSV_ROWS = 256;
const CSV_BYTES = 256 * 1024;
const NEW_LINE = Uint8Array.of(0x0a);

/** What writes entries in a form. */
export async function rowWriterOf(format: ExportFormat, stdout: Output): Promise<RowWriter> {
  if (format === "csv") return csvWriter(stdout);
  return format === "ndjson" ? draftWriter(stdout) : payloadWriter(stdout);
}

function draftWriter(stdout: Output): RowWriter {
  const write = (entry: Entry): void => stdout.write(`${JSON.stringify(draftJsonOf(entry))}\n`);
  return { write, end: () => {} };
}

/** Its `write` throws {@link InvalidEntryError} for what `record` would not read as one line. */
function payloadWriter(stdout: Output): RowWriter {
  let isFirst = true;
  const write = ({ seq, payload }: Entry): void => {
    if (!isOneLine(payload, isFirst)) {
      throw new InvalidEntryError(`payload of entry ${seq}`, "one line that is not blank", payload);
    }
    isFirst = false;
    const text = textOf(payload);
    if (text !== undefined) {
      stdout.write(`${text}\n`);
      return;
    }
    stdout.writeBytes(payload);
    stdout.writeBytes(NEW_LINE);
  };
  return { write, end: () => {} };
}

async function csvWriter(stdout: Output): Promise<RowWriter> {
  const { stringify } = await import("csv-stringify/sync");
  let rows: string[][] = [CSV_COLUMNS];
  let heldBytes = 0;
  const end = (): void => {
    stdout.write(stringify(rows));
    rows = [];
    heldBytes = 0;
  };
  return {
    write: (entry) => {
      rows.push(csvRowOf(entry));
      heldBytes += entry.payload.byteLength;
      if (rows.length >= CSV_ROWS || heldBytes >= CSV_BYTES) end();
    },
    end,
  };
}

function csvRowOf(entry: Entry): string[] {
  const json = entryJsonOf(entry);
  const { headers, indexKeys } = json;
  return [
    String(json.seq),
    json.tsInit,
    json.tsPublish,
    json.topic,
    json.payloadType,
    headers.correlationId ?? "",
    headers.causationId ?? "",
    indexKeys.length === 0 ? "" : JSON.stringify(indexKeys),
    json.payload ?? "",
    json.payloadBase64 ?? "",
    json.hash,
  ];
}
