import { BackpressuredSubject } from "../../../src/streams/BackpressuredSubject.ts";
import type { BackpressuredSubjectConfig } from "../../../src/streams/subjectConfig.ts";

/** A subject of numbers with all it passes on and the levels it tells. */
export function subjectOf(config: BackpressuredSubjectConfig<number>): {
  subject: BackpressuredSubject<number>;
  passed: (number | string)[];
  levels: string[];
} {
  const subject = new BackpressuredSubject<number>(config);
  const passed: (number | string)[] = [];
  const levels: string[] = [];
  subject.asObservable().subscribe({
    next: (value) => passed.push(value),
    complete: () => passed.push("|"),
  });
  subject.pressure$.subscribe({
    next: ({ level, queued, waiting }) => levels.push(`${level} ${queued} ${waiting}`),
    complete: () => levels.push("|"),
  });
  return { subject, passed, levels };
}

/** Values that are as large as they say. */
export const BYTES: { sizeOf: (value: number) => number; capacity: number } = {
  sizeOf: (value: number) => value,
  capacity: 100,
};
