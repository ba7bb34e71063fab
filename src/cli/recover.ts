import type { LockedError } from "../model/errors.ts";
import type { RunManifest } from "../model/manifest.ts";
import { recoverRuns } from "../runs/recoverRuns.ts";
import { checkDirectory } from "./checkDirectory.ts";
import type { CommandContext } from "./CommandContext.ts";
import type { ExitCode } from "./exitCodes.ts";
import { tellFailure } from "./failure.ts";
import { jsonOf } from "./jsonOf.ts";
import { ENTRIES_FORMAT, progressOn } from "./progress.ts";
import { instanceOf } from "./runAddress.ts";
import { tableOf, type Column } from "./table.ts";

/** The options of `recover`. */
export interface RecoverOptions {
  readonly instance?: string;
  readonly json?: boolean;
}

const COLUMNS: readonly Column[] = [
  { name: "instance" },
  { name: "run" },
  { name: "status" },
  { name: "watermark", align: "right" },
];
const PROGRESS_FORMAT = `${ENTRIES_FORMAT} · {run}`;

/** What became of the runs that were not sealed. */
interface Recovered {
  readonly sealed: readonly RunManifest[];
  /** Some were left alone, which is told. */
  readonly isPartial: boolean;
}

/** Seals the runs that crashed, and prints what each of them was. */
export async function recover(
  directory: string,
  options: RecoverOptions,
  context: CommandContext,
): Promise<ExitCode> {
  await checkDirectory(directory, options.instance);
  const { stdout } = context;
  const { sealed, isPartial } = await recovered(
    { directory, ...instanceOf(options.instance) },
    context,
  );
  if (options.json === true) stdout.write(`${jsonOf(sealed)}\n`);
  else if (sealed.length > 0) stdout.write(await tableOf(COLUMNS, sealed.map(rowOf), context));
  else if (!isPartial) stdout.write("nothing to recover\n");
  if (sealed.some(({ status }) => status === "quarantined")) return 1;
  // Of all instances those are meant that nobody writes; of one, that one.
  return isPartial && options.instance !== undefined ? 2 : 0;
}

async function recovered(
  address: { readonly directory: string; readonly instanceId?: string },
  context: CommandContext,
): Promise<Recovered> {
  const progress = await progressOn(context, PROGRESS_FORMAT);
  const locked: LockedError[] = [];
  try {
    const sealed = await recoverRuns({
      ...address,
      onProgress: ({ runId }, seq, total) => progress.update(seq, total, { run: runId }),
      onLocked: (_instanceId, failure) => locked.push(failure),
    });
    return { sealed, isPartial: locked.length > 0 };
  } finally {
    progress.stop();
    for (const failure of locked) tellFailure(failure, context);
  }
}

function rowOf({ instanceId, runId, status, highWatermark }: RunManifest): string[] {
  return [instanceId, runId, status, String(highWatermark)];
}
