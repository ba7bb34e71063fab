import type { Answer } from "../damage/questions.ts";
import type { Place } from "./place.ts";

/** What may be said to each question: the part of its name before the first space. */
export type Expectation = Readonly<Record<string, readonly string[]>>;

/** One kind of bad file or folder. */
export interface BadFile {
  readonly name: string;
  readonly spoil: (place: Place) => void;
  /** What must be said where the run under attack is sealed, and where its process was killed. */
  readonly sealed: Expectation;
  readonly crashed: Expectation;
  /** It is a matter of permissions, which root does not need. */
  readonly isOfModes?: boolean;
}

type Both = Pick<BadFile, "sealed" | "crashed">;

const RIGHT = ["right"];
const DAMAGE = ["TIDEMARK_CORRUPTED"];
/** What a verification says of a run that is there and cannot be opened. */
const FOUND = "found";
const UNTOUCHED = ["untouched"];

/** The log of the run cannot be read; it is set aside, and everything else goes on. */
export const DAMAGED_LOG: Both = {
  sealed: { ...unreadable(DAMAGE), list: ["right", "problem"], open: UNTOUCHED },
  crashed: { ...unreadable(DAMAGE), list: ["problem"], open: ["quarantined"] },
};

/** Nobody sees that anything is there. */
export const NO_RUN: Both = everywhere({
  ...unreadable(["TIDEMARK_NOT_FOUND"]),
  list: ["unlisted"],
  open: UNTOUCHED,
});

/** Nothing that the run needs: it is read as before, and recovered. */
export const HARMLESS: Both = {
  sealed: { open: UNTOUCHED },
  crashed: { open: ["crashed-recovered"] },
};

/** It is not known what the run is; nobody touches it, and it is listed with its problem. */
export function unknownRun(...codes: readonly string[]): Both {
  return everywhere({ ...unreadable(codes), list: ["problem"], open: UNTOUCHED });
}

export function everywhere(expectation: Expectation): Both {
  return { sealed: expectation, crashed: expectation };
}

export function unreadable(codes: readonly string[]): Expectation {
  return { read: codes, edges: codes, verify: [...codes, FOUND] };
}

/** What was said that must not be said. */
export function breachesOf(answers: readonly Answer[], expected: Expectation): readonly string[] {
  return answers.flatMap(({ question, said }) => {
    const allowed = expected[question] ?? expected[question.split(" ")[0] ?? ""] ?? RIGHT;
    const isAllowed = allowed.some((one) => said === one || said.startsWith(`${one}: `));
    return isAllowed ? [] : [`${question}: ${said}, not ${allowed.join(" or ")}`];
  });
}
