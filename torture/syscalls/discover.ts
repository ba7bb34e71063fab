import type { LifeKind } from "../programs/life.ts";
import { commitsBehind, durableCommitsIn, type CommitsBehind } from "./commits.ts";
import { DATA_FILE, live } from "./Life.ts";
import { pointsIn, type Point, type Role } from "./points.ts";

const ROLES: readonly Role[] = ["main", "writer"];

/** What a life does in which nothing fails. */
export interface Discovered {
  readonly points: readonly Point[];
  /** What its acknowledgements take. */
  readonly needed: CommitsBehind;
}

/** Where a life can take place, and what is for what belongs to it beside its runs. */
export interface Place {
  readonly root: string;
  readonly folder: string;
}

/** Counts the calls of a life, once for each of its processes; it has to be a good one. */
export async function discover(life: LifeKind, place: () => Place): Promise<Discovered> {
  const points: Point[] = [];
  let needed: CommitsBehind = new Map();
  for (const role of ROLES) {
    const { root, folder } = place();
    const { said, trace, ending } = await live(root, folder, { life, role });
    const last = said.at(-1);
    const isGood = last?.word === (life === "first" ? "recovered" : "reader");
    if (!isGood || said.some(({ value }) => "code" in value)) {
      throw new Error(`A life without failures has failed: ${JSON.stringify(said)}`, {
        cause: ending,
      });
    }
    points.push(...pointsIn(trace, { life, role }, root));
    if (role === "writer") needed = commitsBehind(said, durableCommitsIn(trace, DATA_FILE));
  }
  return { points, needed };
}
