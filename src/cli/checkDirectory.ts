import { stat } from "node:fs/promises";
import { NotFoundError } from "../model/errors.ts";

/**
 * A directory of runs that is not there yet would otherwise be one without runs.
 *
 * @throws {@link NotFoundError}
 */
export async function checkDirectory(directory: string): Promise<void> {
  try {
    await stat(directory);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new NotFoundError(`directory ${directory}`, { cause });
  }
}
