/**
 * JSON that is the same for the same value: keys sorted by their UTF-16 units, no white space,
 * bigints as decimal strings, fields without a value left out.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "bigint") return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  // Not by way of a sorted object: that would put keys like "10" first, in the order of numbers.
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => Number(a > b) - Number(a < b))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(",")}}`;
}
