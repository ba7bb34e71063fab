/**
 * A glob as a regular expression: `*` stands for any characters, dots included, `?` for one;
 * anchored and case-sensitive. Everything else stands for itself.
 */
export function globOf(glob: string): RegExp {
  const pattern = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    // Runs of stars are one star: a chain of them would backtrack without need.
    .replaceAll(/\*+/g, ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`, "su");
}
