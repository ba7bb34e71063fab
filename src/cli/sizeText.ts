const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const UNIT_STEP = 1024;

/** A number of bytes in the largest unit that leaves at least one of it. */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= UNIT_STEP && unit < UNITS.length - 1) {
    size /= UNIT_STEP;
    unit += 1;
  }
  const text = Number.isInteger(size) ? String(size) : size.toFixed(1);
  return `${text} ${UNITS[unit]}`;
}
