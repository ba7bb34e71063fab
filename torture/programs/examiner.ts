/**
 * Examines runs that may be damaged, one JSON line each on standard input and on standard output:
 * an Examination, then a Report. Whoever started it sees it die, or not answer.
 *
 * node --import tsx torture/programs/examiner.ts
 */
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { createInterface } from "node:readline";
import { examine, type Answer, type Examination } from "../damage/questions.ts";

/** What became of an examination. */
export interface Report {
  readonly answers: readonly Answer[];
  /** Signals that processes of tidemark died of since the report before. */
  readonly signals: readonly string[];
}

const signals: string[] = [];
// The library tells no one of its processes: node does.
subscribe("child_process", (message) => {
  const { process: child } = message as { readonly process: ChildProcess };
  child.once("exit", (_code, signal) => {
    if (signal !== null) signals.push(signal);
  });
});

for await (const line of createInterface({ input: process.stdin })) {
  const answers = await examine(JSON.parse(line) as Examination);
  const report: Report = { answers, signals: signals.splice(0) };
  console.log(JSON.stringify(report));
}
