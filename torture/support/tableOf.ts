import type { Result } from "./results.ts";

/** All that was recorded of each attack, as a table in Markdown. */
export function tableOf(results: readonly Result[]): string {
  const names = [...new Set(results.map(({ attack }) => attack))].toSorted();
  const rows = names.map((name) =>
    rowOf(name, withoutTwins(results.filter(({ attack }) => attack === name))),
  );
  const head = "| command | cases | breaches | what happened | seeds | revisions |";
  return [head, "|---|---|---|---|---|---|", ...rows].join("\n");
}

function rowOf(name: string, results: readonly Result[]): string {
  const cases = results.reduce((sum, result) => sum + result.cases, 0);
  const breaches = results.reduce((sum, result) => sum + result.breaches.length, 0);
  const counts = new Map<string, number>();
  for (const result of results) {
    for (const [what, times] of Object.entries(result.counts)) {
      const before = counts.get(what) ?? 0;
      counts.set(what, isGauge(what) ? Math.max(before, times) : before + times);
    }
  }
  const happened = [...counts].map(([what, times]) => `${what} ${numberText(times)}`).join(", ");
  const seeds = listOf(results.map(({ seed }) => String(seed)));
  const revisions = listOf(results.map(({ revision }) => revision));
  const numbers = `${numberText(cases)} | ${numberText(breaches)}`;
  return `| \`torture:${name}\` | ${numbers} | ${happened} | ${seeds} | ${revisions} |`;
}

/** The same slice at the same revision, recorded once more, is no more than it was. */
function withoutTwins(results: readonly Result[]): readonly Result[] {
  const slices = results.map((result) => [sliceOf(result), result] as const);
  return [...new Map(slices).values()];
}

function sliceOf({ seed, from, cases, revision }: Result): string {
  return [seed, from, cases, revision].join(" ");
}

/** What was measured at one moment: of several measurements the largest tells, not their sum. */
function isGauge(what: string): boolean {
  return what.endsWith(" at most") || what.includes(" longest");
}

function listOf(items: readonly string[]): string {
  return [...new Set(items)].join(", ");
}

function numberText(value: number): string {
  return value.toLocaleString("en");
}
