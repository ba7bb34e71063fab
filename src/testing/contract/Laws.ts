import type { LawScope } from "./LawScope.ts";

/** What must hold of every backend: a sentence about it, and the proof. */
export type Laws = Readonly<Record<string, (scope: LawScope) => Promise<void>>>;
