/** The values of an option that may be given again. */
export function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
