import { InvalidConfigError } from "../../model/errors.ts";
import { readRun } from "../../runs/readRun.ts";
import type { CommandContext } from "../CommandContext.ts";
import { entryJsonOf } from "../entryJson.ts";
import type { ExitCode } from "../exitCodes.ts";
import { ENTRIES_FORMAT, lastSeqOf, progressOn } from "../progress.ts";
import {
  checkOperands,
  runAddressOf,
  type DirectoryAddress,
  type RunOptions,
} from "../runAddress.ts";
import { diffText } from "./diffText.ts";
import { firstDifference, type Comparison } from "./firstDifference.ts";

/** The options of `diff`. */
export interface DiffOptions extends Omit<RunOptions, "run"> {
  readonly json?: boolean;
}

/** Tells at which entry two runs part; exits with 1 where they do. */
export async function diff(
  operands: readonly string[],
  options: DiffOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const [a, b] = addressesOf(operands, options);
  const comparison = await compared(a, b, context);
  const { stdout } = context;
  if (options.json === true) stdout.write(`${JSON.stringify(jsonOf(comparison))}\n`);
  else stdout.write(await diffText(comparison, context));
  return comparison.difference === undefined ? 0 : 1;
}

/** Two paths, or with `--directory` the ids of two runs of one instance. */
function addressesOf(
  operands: readonly string[],
  { directory, instance }: DiffOptions,
): readonly [DirectoryAddress, DirectoryAddress] {
  checkOperands(operands, 2);
  const [a = "", b = ""] = operands;
  const addressOf = (operand: string): DirectoryAddress => {
    const where = instance === undefined ? {} : { instance };
    if (directory === undefined) return runAddressOf([operand], where).address;
    if (operand === "") throw new InvalidConfigError("RUN", "the id of a run", operand);
    return runAddressOf([], { ...where, directory, run: operand }).address;
  };
  return [addressOf(a), addressOf(b)];
}

async function compared(
  a: DirectoryAddress,
  b: DirectoryAddress,
  context: CommandContext,
): Promise<Comparison> {
  await using first = await readRun(a);
  await using second = await readRun(b);
  const lastSeq = await lastSeqOf(first);
  const progress = await progressOn(context, ENTRIES_FORMAT);
  try {
    return await firstDifference(first.entries(), second.entries(), ({ seq }) => {
      progress.update(seq, lastSeq);
    });
  } finally {
    progress.stop();
  }
}

function jsonOf({ same, difference }: Comparison): object {
  if (difference === undefined) return { isEqual: true, same };
  const { position, a, b, parts } = difference;
  return {
    isEqual: false,
    same,
    position,
    parts,
    a: a === undefined ? null : entryJsonOf(a),
    b: b === undefined ? null : entryJsonOf(b),
  };
}
