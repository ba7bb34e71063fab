import { basename, dirname, resolve } from "node:path";
import { InvalidConfigError } from "../model/errors.ts";

/** The options that name a run where its path is not given. */
export interface RunOptions {
  readonly directory?: string;
  readonly instance?: string;
  readonly run?: string;
}

/** Where a run is; without `runId` it is the newest of its instance. */
export interface DirectoryAddress {
  readonly directory: string;
  readonly instanceId?: string;
  readonly runId?: string;
}

/** The run that a command line means, and the operands after it. */
export interface NamedRun {
  readonly address: DirectoryAddress;
  readonly rest: readonly string[];
}

/**
 * The run that a command line means: its first operand is the path of a run's folder,
 * `<directory>/<instance>/<run>`, unless `--directory` says where runs are.
 *
 * @throws {@link InvalidConfigError} where neither is given, or options without `--directory`.
 */
export function runAddressOf(operands: readonly string[], options: RunOptions): NamedRun {
  const { directory, instance, run } = options;
  if (directory !== undefined) {
    return { address: { directory, ...instanceOf(instance), ...runOf(run) }, rest: operands };
  }
  if (instance !== undefined || run !== undefined) {
    const option = instance === undefined ? "--run" : "--instance";
    throw new InvalidConfigError(option, "given together with --directory", instance ?? run);
  }
  const [path, ...rest] = operands;
  if (path === undefined || path === "") {
    throw new InvalidConfigError("RUN", "the path of a run's folder, or --directory", path);
  }
  const folder = resolve(path);
  return {
    address: {
      directory: dirname(dirname(folder)),
      instanceId: basename(dirname(folder)),
      runId: basename(folder),
    },
    rest,
  };
}

/** @throws {@link InvalidConfigError} where more operands are given than the verb takes. */
export function checkOperands(rest: readonly string[], atMost: number): void {
  const tooMany = rest[atMost];
  if (tooMany === undefined) return;
  throw new InvalidConfigError("the arguments", "no more than the verb takes", tooMany);
}

/** The instance of an option, as the functions that read runs name it. */
export function instanceOf(instance: string | undefined): { readonly instanceId?: string } {
  return instance === undefined ? {} : { instanceId: instance };
}

function runOf(run: string | undefined): { readonly runId?: string } {
  return run === undefined ? {} : { runId: run };
}
