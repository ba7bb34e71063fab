import { interval, last, takeUntil } from "rxjs";
import type { PressureLevel, Run, RunSummary } from "tidemark";

const { stderr } = process;

/** Shows how far the run is until it ends: redrawn in place on a terminal, else a line a second. */
export function showProgress(run: Run): void {
  const everyMs = stderr.isTTY ? 100 : 1_000;
  const startedAt = performance.now();
  let shown = { watermark: run.watermark, at: startedAt };
  let level: PressureLevel = "clear";
  run.pressure$.subscribe((pressure) => (level = pressure.level));

  const show = (end: string): void => {
    const now = { watermark: run.watermark, at: performance.now() };
    const perSecond = ((now.watermark - shown.watermark) / (now.at - shown.at)) * 1_000;
    const columns = [
      `${((now.at - startedAt) / 1_000).toFixed(1)} s`.padStart(7),
      `watermark ${grouped(now.watermark).padStart(9)}`,
      `queue ${grouped(run.accepted - now.watermark).padStart(6)} ${level}`,
      `${grouped(perSecond).padStart(8)} entries/s`,
    ];
    shown = now;
    // In place: back to the start of the line, and clear what was longer before.
    stderr.write(
      stderr.isTTY ? `\r${columns.join("   ")}\u001B[K${end}` : `${columns.join("   ")}\n`,
    );
  };

  // watermark$ completes when nothing more can become durable: the run was closed, or has halted.
  interval(everyMs)
    .pipe(takeUntil(run.watermark$.pipe(last())))
    .subscribe({ next: () => show(""), complete: () => show("\n") });
}

/** A table of runs, oldest first. */
export function runsTable(runs: readonly RunSummary[]): string {
  const rows = runs.map(({ manifest, watermark, sizeBytes, problem }) => [
    manifest.runId,
    new Date(Number(manifest.startTsInit / 1_000_000n)).toISOString().slice(0, 19),
    problem ?? manifest.status,
    grouped(watermark),
    `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`,
  ]);
  return alignedTable([["run", "started (UTC)", "status", "entries", "size"], ...rows]);
}

/** What came of a run: a name and a value in each line. */
export function summaryTable(summary: Readonly<Record<string, string>>): string {
  return alignedTable(Object.entries(summary));
}

export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function alignedTable(rows: readonly (readonly string[])[]): string {
  const widthOf = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widthOf(column) + 3)).join("")}`.trimEnd(),
    )
    .join("\n");
}
