import { CorruptedError } from "../../model/errors.ts";
import type { Environment } from "./environment.ts";
import { EPOCH_KEY, numberBytesOf, numberOf, RUN_KEY } from "./keys.ts";
import { put } from "./put.ts";

/*
 * The two rows that say whose a log is: its run, which never changes, and the epoch of its writer,
 * which every new one raises.
 */

/** Stores the rows of a new log, within a transaction, and gives its epoch. */
export function beginLog(environment: Environment, runId: string): number {
  const epoch = 1;
  const rows = [
    { key: RUN_KEY, value: Buffer.from(runId) },
    { key: EPOCH_KEY, value: numberBytesOf(epoch) },
  ];
  for (const row of rows) {
    if (!put(environment, row, true)) throw new CorruptedError("The new log has rows");
  }
  return epoch;
}

/**
 * Raises the epoch of a log that was found, within a transaction, and gives it.
 *
 * @throws {@link CorruptedError} for the log of another run.
 */
export function takeOverLog(environment: Environment, runId: string): number {
  checkRunRow(environment.get(RUN_KEY), runId);
  const epoch = storedEpoch(environment) + 1;
  put(environment, { key: EPOCH_KEY, value: numberBytesOf(epoch) }, false);
  return epoch;
}

/** The epoch that a log is at. @throws {@link CorruptedError} */
export function storedEpoch(environment: Environment): number {
  const row = environment.get(EPOCH_KEY);
  const epoch = row === undefined ? undefined : numberOf(row);
  if (epoch === undefined) throw new CorruptedError("The row of the epoch is missing or damaged");
  return epoch;
}

/**
 * Checks the row that names the run of a log: two files may have changed places.
 *
 * @throws {@link CorruptedError} where it names another one, or there is none.
 */
export function checkRunRow(row: Uint8Array | undefined, runId: string): void {
  if (row === undefined) throw new CorruptedError("data.mdb does not say of which run it is");
  if (!Buffer.from(runId).equals(row)) {
    throw new CorruptedError(`data.mdb is not that of run ${runId}`);
  }
}
