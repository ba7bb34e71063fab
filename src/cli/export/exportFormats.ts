/** The forms that entries are exported in; the first is the default. */
export const EXPORT_FORMATS = ["ndjson", "csv", "payload"] as const;

/** In what form entries are exported. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
