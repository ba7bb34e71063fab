/**
 * Where the first item is that passes; the length where none does. The items that pass must all
 * stand behind those that do not: binary search.
 */
export function firstIndexWhere<T>(items: readonly T[], passes: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
