/**
 * Examines runs that may be damaged, one JSON line each on standard input and on standard output:
 * an Examination, then a Report. Whoever started it sees it die, or not answer.
 *
 * node torture/dist/examiner.js
 */
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { examine, type Answer, type Examination } from "../damage/questions.ts";

/** What became of an examination. */
export interface Report {
  readonly answers: readonly Answer[];
  /** Signals that processes of tidemark died of since the report before. */
  readonly signals: readonly string[];
}

const signals: string[] = [];
const living = new Set<Promise<unknown>>();
// The library tells no one of its processes: node does.
subscribe("child_process", (message) => {
  const { process: child } = message as { readonly process: ChildProcess };
  const exited = once(child, "exit").then((exit: readonly unknown[]) => {
    const signal = exit[1];
    if (typeof signal === "string") signals.push(signal);
    living.delete(exited);
  });
  living.add(exited);
});

for await (const line of createInterface({ input: process.stdin })) {
  const answers = await examine(JSON.parse(line) as Examination);
  // What became of them belongs to this report, and the last one would miss it.
  await Promise.all(living);
  const report: Report = { answers, signals: signals.splice(0) };
  console.log(JSON.stringify(report));
}
