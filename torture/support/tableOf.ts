import type { Result } from "./results.ts";

/** All that was recorded of each attack, as a table in Markdown. */
export function tableOf(results: readonly Result[]): string {
  const names = [...new Set(results.map(({ attack }) => attack))].toSorted();
  const rows = names.map((name) =>
    rowOf(
      name,
      results.filter(({ attack }) => attack === name),
    ),
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
      counts.set(what, (counts.get(what) ?? 0) + times);
    }
  }
  const happened = [...counts].map(([what, times]) => `${what} ${numberText(times)}`).join(", ");
  const seeds = listOf(results.map(({ seed }) => String(seed)));
  const revisions = listOf(results.map(({ revision }) => revision));
  const numbers = `${numberText(cases)} | ${numberText(breaches)}`;
  return `| \`torture:${name}\` | ${numbers} | ${happened} | ${seeds} | ${revisions} |`;
}

function listOf(items: readonly string[]): string {
  return [...new Set(items)].join(", ");
}

function numberText(value: number): string {
  return value.toLocaleString("en");
}
