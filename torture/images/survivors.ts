import type { Random } from "../support/Random.ts";
import type { Survivors } from "./ModelFolder.ts";
import { canonical, PAGE_BYTES, SECTOR_BYTES, type Page } from "./Page.ts";
import type { Register, Unit } from "./Register.ts";

/** So many of a unit's changes have got to the disk, and those before them. */
export type Steps = (unit: Unit) => number;

/** Each page whole. */
export function survivorsOf(steps: Steps): Survivors {
  return {
    has: (change) => steps(change) > 0,
    sizeOf: (size) => size.after(steps(size)),
    pageOf: (page) => page.after(steps(page)),
  };
}

/** Pages torn: each sector for itself as old or as new as any of the page's changes. */
export function tornSurvivorsOf(steps: Steps, dice: Random): Survivors {
  const torn = new Map<Register<Page>, Page>();
  return {
    ...survivorsOf(steps),
    pageOf: (register) => {
      if (register.steps === 0) return register.live;
      const page = torn.get(register) ?? tear(register, dice);
      torn.set(register, page);
      return page;
    },
  };
}

function tear(register: Register<Page>, dice: Random): Page {
  const page = new Uint8Array(PAGE_BYTES);
  for (let at = 0; at < PAGE_BYTES; at += SECTOR_BYTES) {
    const source = register.after(dice.between(0, register.steps));
    page.set(source.subarray(at, at + SECTOR_BYTES), at);
  }
  return canonical(page);
}
