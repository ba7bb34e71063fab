/** The subject that is ours, in all charts, and that the others are compared with. */
export const OURS = "tidemark";

/** Ours, or a part of it. */
export function isOurs(subject: string): boolean {
  return subject.startsWith(OURS);
}

/** A plain file, that no store can be faster than. */
export function isFloor(subject: string): boolean {
  return subject.startsWith("raw");
}
