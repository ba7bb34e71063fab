import { defer, of, type Observable } from "rxjs";
import type { Seq } from "../model/entry.ts";
import type { LogSource } from "./LogSource.ts";

/** How far a log is now, whoever writes it; emits once and completes. */
export function watermarkNow$(source: LogSource): Observable<Seq> {
  return defer(() => source.look?.() ?? of(source.watermark));
}
