import { haltFaults } from "../support/haltFaults.ts";
import type { Death } from "./Death.ts";

/** What a program must not have said or done whose processes were killed. */
export function judgeDeath(death: Death): readonly string[] {
  const { killed, ending, log, hung } = death;
  if (hung) return ["it goes on without its writer process"];
  // One whose writer process was killed first may have ended by itself before it was killed as well.
  const isBereaved = killed === "writer" || (killed === "both" && ending.exit === 0);
  const exit = isBereaved ? 0 : "SIGKILL";
  return [
    ...(ending.exit === exit ? [] : [`the program ended by ${ending.exit}: ${ending.stderr}`]),
    ...haltFaults(log),
    ...(isBereaved ? faultsOfBereaved(death) : faultsOfKilled(death)),
  ];
}

/** Whoever was there before is dead: nothing may keep the next one from opening and writing. */
function faultsOfKilled({ log: { halt, failure }, killed }: Death): readonly string[] {
  // Of two that are killed one dies first, and the other one may see it.
  if (killed === "both" && (halt ?? failure) !== undefined) return saidFaults(halt, failure);
  return [
    ...(halt === undefined ? [] : [`it halted: ${JSON.stringify(halt)}`]),
    ...(failure === undefined ? [] : [`it failed: ${JSON.stringify(failure)}`]),
  ];
}

/** One whose writer process alone was killed lives on and says so: by one halt, or a typed error. */
function faultsOfBereaved({ log }: Death): readonly string[] {
  const { runId, halt, failure, acknowledgedAtHalt } = log;
  if (failure === undefined) return ["nobody was told that the writer process is gone"];
  if (runId === undefined || halt === undefined) {
    return runId === undefined ? saidFaults(halt, failure) : ["it did not halt"];
  }
  const isCounted = halt.lastDurableSeq === acknowledgedAtHalt;
  return [
    ...saidFaults(halt, failure),
    ...(isCounted ? [] : [`it halts at ${halt.lastDurableSeq}, told of ${acknowledgedAtHalt}`]),
  ];
}

function saidFaults(
  halt: Death["log"]["halt"],
  failure: Death["log"]["failure"],
): readonly string[] {
  const code = halt === undefined ? "TIDEMARK_BACKEND" : "TIDEMARK_HALTED";
  const isOfKind = halt === undefined || halt.kind === "backend-error";
  return [
    ...(isOfKind ? [] : [`it halted: ${JSON.stringify(halt)}`]),
    ...((failure?.code ?? code) === code ? [] : [`it failed: ${JSON.stringify(failure)}`]),
  ];
}
