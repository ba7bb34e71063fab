import { stat } from "node:fs/promises";
import { join } from "node:path";
import { NotFoundError } from "../model/errors.ts";
import { checkId } from "../model/ids.ts";

/**
 * A directory of runs that is not there yet would otherwise be one without runs, and so would an
 * instance in it whose name is mistyped.
 *
 * @throws {@link NotFoundError}, {@link InvalidConfigError} for what can be the name of no instance.
 */
export async function checkDirectory(directory: string, instance?: string): Promise<void> {
  if (instance !== undefined) checkId("instanceId", instance);
  await checkFolder(directory, `directory ${directory}`);
  if (instance === undefined) return;
  await checkFolder(join(directory, instance), `instance ${instance} in ${directory}`);
}

async function checkFolder(path: string, what: string): Promise<void> {
  try {
    await stat(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new NotFoundError(what, { cause });
  }
}
