import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LifeKind, LifeSettings } from "../programs/life.ts";
import { ChildProgram, type ChildOptions, type Ending } from "../support/ChildProgram.ts";
import { leftovers } from "./leftovers.ts";
import { SAME_LOTS } from "./sameLots.ts";
import { straceCommand, tracedNode, type Tracing } from "./strace.ts";

/** One line of programs/life.ts. */
export interface Said {
  readonly at: number;
  readonly word: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What a life said, how it ended, and what strace saw of it. */
export interface Life {
  readonly said: readonly Said[];
  readonly ending: Ending;
  readonly trace: string;
  /** It did not end by itself. */
  readonly hung: boolean;
  /** A process of it that outlived it. */
  readonly left: boolean;
}

/** Entries that are handed in together. */
export const GROUP = 10;
const GROUPS: Readonly<Record<LifeKind, number>> = { first: 2, next: 12 };
/** The directory of the runs, below the folder that a life is given: the first life makes it. */
export const DIRECTORY = "log";
/** The entry that is looked up by its key. */
export const LOOKED_UP = 2;
/** The lives of a directory are runs of these names. */
export const PREDECESSOR_ID = "1000000-00000000";
export const RUN_ID = "2000000-00000000";
/** The log of the run that a life is about, below the same folder. */
export const DATA_FILE: string = `${DIRECTORY}/default/${RUN_ID}/data.mdb`;
/** Some 1 s without a failure; what waits for a stall or an opening takes up to 10 s. */
const MAX_LIFE_MS = 25_000;

/** Lets a life be cut off before its end; returns the last seq that it acknowledged. */
export async function crash(root: string): Promise<number> {
  const startsAt = Number.parseInt(PREDECESSOR_ID, 10);
  const directory = join(root, DIRECTORY);
  const groups = GROUPS.next;
  const child = startLife({
    life: "next",
    directory,
    startsAt,
    groups,
    lookUp: LOOKED_UP,
    crashes: true,
  });
  const said: Said[] = [];
  for await (const line of child.lines) said.push(saidOf(line));
  await child.ended;
  return acknowledgedIn(said);
}

/** The last seq that a life acknowledged. */
export function acknowledgedIn(said: readonly Said[]): number {
  const acks = said.filter(({ word }) => word === "ack");
  return Math.max(0, ...acks.map(({ value }) => Number(value["seq"])));
}

/** How a life goes, and what strace does to it. */
export interface LifePlan extends Omit<Tracing, "trace"> {
  readonly life: LifeKind;
}

/** Lets a life take place below a folder. The other one is for what belongs to it beside its runs. */
export async function live(
  root: string,
  folder: string,
  { life, ...tracing }: LifePlan,
): Promise<Life> {
  const trace = join(folder, "trace");
  const command = straceCommand({ ...tracing, trace });
  const isMain = tracing.role === "main";
  const startsAt = Number.parseInt(RUN_ID, 10);
  const program = isMain ? {} : { writerProgram: tracedNode(folder, command) };
  const child = startLife(
    {
      life,
      directory: join(root, DIRECTORY),
      startsAt,
      groups: GROUPS[life],
      lookUp: LOOKED_UP,
      ...program,
    },
    { under: isMain ? command : [], env: { TIDEMARK_LIFE: folder } },
  );
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill();
  }, MAX_LIFE_MS);
  const said: Said[] = [];
  for await (const line of child.lines) said.push(saidOf(line));
  const ending = await child.ended;
  clearTimeout(timer);
  const left = await leftovers(`TIDEMARK_LIFE=${folder}`);
  return { said, ending, trace: readTrace(trace), hung, left };
}

function startLife(settings: LifeSettings, options: ChildOptions = {}): ChildProgram {
  return new ChildProgram("life", [JSON.stringify(settings)], {
    ...options,
    flags: SAME_LOTS,
    // One thread for the file system: the calls come in the same order each time.
    env: { ...options.env, UV_THREADPOOL_SIZE: "1" },
  });
}

function saidOf(line: string): Said {
  const [at, word = "", ...json] = line.split(" ");
  const value: unknown = JSON.parse(json.join(" "));
  return {
    at: Number(at),
    word,
    value: typeof value === "object" ? Object(value) : { seq: value },
  };
}

function readTrace(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Where the writer is a thread there is no process of that role.
    return "";
  }
}
