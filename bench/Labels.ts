/**
 * Which point of which chart a figure is. `subject` is who did it, the same name in all charts: ours
 * is `tidemark`, plain files begin with `raw`.
 */
export type Labels =
  /** Entries per second, `batch` of them per commit, one commit outstanding. */
  | { readonly chart: "commits"; readonly subject: string; readonly batch: number }
  /** Entries per second, 10,000 outstanding. */
  | { readonly chart: "saturated"; readonly subject: string }
  /** Time until an entry is durable, from the moment it was due; in us or ms. */
  | {
      readonly chart: "latency";
      readonly subject: string;
      readonly perSecond: number;
      readonly share: "median" | "p99";
    }
  /** What an operation takes on a run of so many entries. */
  | { readonly chart: "size"; readonly operation: string; readonly entries: number };
