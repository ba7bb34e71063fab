import { InvalidConfigError, NotFoundError } from "../../model/errors.ts";
import type { Entry, RunReader } from "../../index.ts";
import { readRun } from "../../runs/readRun.ts";
import type { CommandContext } from "../CommandContext.ts";
import type { ExitCode } from "../exitCodes.ts";
import { integerOf } from "../integerOf.ts";
import { jsonOf } from "../jsonOf.ts";
import { ENTRIES_FORMAT, lastSeqOf, progressOn } from "../progress.ts";
import { checkOperands, runAddressOf, type RunOptions } from "../runAddress.ts";
import { MESSAGE_ID } from "./causation.ts";
import { causesOf, type Causes } from "./causesOf.ts";
import { Consequences, shownOf, type ConsequencesConfig } from "./Consequences.ts";
import { DEFAULT_DEPTH, DEFAULT_LIMIT, MAX_DEPTH, MAX_LIMIT } from "./whyLimits.ts";
import { whyText } from "./whyText.ts";

/** The options of `why`. */
export interface WhyOptions extends RunOptions {
  readonly idKind?: string;
  readonly depth?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

/** An entry, what led to it, and what it led to. */
export interface Why {
  readonly entry: Entry;
  readonly causes: Causes;
  readonly consequences: Consequences;
}

/** Prints the causes of an entry and its consequences as one tree. */
export async function why(
  operands: readonly string[],
  options: WhyOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  checkOperands(rest, 1);
  const seq = integerOf("SEQ", rest[0] ?? "", 1);
  const config = configOf(options);
  await using reader = await readRun(address);
  const entry = await reader.entryAt(seq);
  if (entry === undefined) throw new NotFoundError(`entry ${seq} in run ${reader.runId}`);
  const causes = await causesOf(entry, reader, config);
  const consequences = await consequencesOf(entry, reader, { config, context });
  const found = { entry, causes, consequences };
  const { stdout } = context;
  if (options.json === true) {
    stdout.write(`${jsonOf(whyJson(found))}\n`);
    return 0;
  }
  for (const line of await whyText(found, context)) {
    stdout.write(`${line}\n`);
    if (stdout.isFull) await stdout.settled();
  }
  return 0;
}

function configOf({ idKind, depth, limit }: WhyOptions): ConsequencesConfig {
  if (idKind === "") throw new InvalidConfigError("--id-kind", "a kind of index keys", idKind);
  return {
    idKind: idKind ?? MESSAGE_ID,
    maxDepth: bounded("--depth", depth ?? DEFAULT_DEPTH, MAX_DEPTH),
    maxEntries: bounded("--limit", limit ?? DEFAULT_LIMIT, MAX_LIMIT),
  };
}

function bounded(option: string, value: number, max: number): number {
  if (value <= max) return value;
  throw new InvalidConfigError(option, `a whole number up to ${max}`, value);
}

async function consequencesOf(
  entry: Entry,
  reader: RunReader,
  how: { readonly config: ConsequencesConfig; readonly context: CommandContext },
): Promise<Consequences> {
  const consequences = await Consequences.of(entry, reader, how.config);
  // What nothing can name has no consequences to look for.
  if (!consequences.isNameable) return consequences;
  const lastSeq = await lastSeqOf(reader);
  const progress = await progressOn(how.context, ENTRIES_FORMAT);
  try {
    for await (const next of reader.entries({ from: entry.seq + 1 })) {
      await consequences.add(next);
      progress.update(next.seq, lastSeq);
    }
  } finally {
    progress.stop();
  }
  return consequences;
}

function whyJson({ entry, causes, consequences }: Why): object {
  return {
    entry: shownOf(entry),
    causes: causes.chain.map(shownOf),
    causesEnd: causes.end,
    isNameable: consequences.isNameable,
    consequences: consequences.root.consequences,
    consequencesLeftOut: consequences.leftOut,
  };
}
