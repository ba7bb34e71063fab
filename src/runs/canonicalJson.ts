/**
 * JSON that is the same for the same value: keys sorted, no white space, bigints as decimal
 * strings, fields without a value left out.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return part.toString();
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    const fields = Object.entries(part).toSorted(([a], [b]) => Number(a > b) - Number(a < b));
    return Object.fromEntries(fields);
  });
}
