import type { Random } from "../support/Random.ts";
import { Claims, type Claim } from "./Claims.ts";
import { Disk, type Ignored } from "./Disk.ts";
import { digestOf, type Image } from "./Image.ts";
import type { Survivors } from "./ModelFolder.ts";
import type { Recording } from "./record.ts";
import type { Unit } from "./Register.ts";
import { shuffled } from "./shuffled.ts";
import { survivorsOf, tornSurvivorsOf, type Steps } from "./survivors.ts";

/** What a power cut can leave, and what its program had claimed by then. */
export interface CrashImage {
  readonly image: Image;
  readonly claims: readonly Claim[];
  /** After which event of the recording, and what of the unsynced has survived. */
  readonly event: number;
  readonly rule: Rule;
}

type Rule = "nothing" | "everything" | "one alone" | "all but one" | "any of them" | "torn";

/** Units that are looked at one by one after an event, at the most: the dice choose. */
const MAX_SINGLES = 12;
const SUBSETS = 6;

/**
 * The states of a disk that a power cut can leave after any event of a recording: nothing that was
 * not synced, everything, each unit alone, all but one, any of them, and with torn pages.
 */
export function* crashImagesOf(
  { folder, before, events, group }: Recording,
  dice: Random,
  ignored: Ignored = "none",
): Generator<CrashImage> {
  const disk = new Disk(folder, before.image, ignored);
  const claims = new Claims(before.claims, group);
  function* look(event: number): Generator<CrashImage> {
    for (const [rule, survivors] of rulesFor(disk.units(), dice)) {
      yield { image: disk.image(survivors), claims: claims.all, event, rule };
    }
  }
  for (const [n, event] of events.entries()) {
    disk.apply(event);
    if (event.kind === "announce") claims.hear(event.text);
    if (event.kind !== "syncBegins") yield* look(n);
    if (event.kind === "write" && event.isSynced) {
      disk.settle(event);
      yield* look(n);
    }
  }
}

/** Of equal images the last one: by then most has been claimed. */
export function distinct(all: Iterable<CrashImage>): readonly CrashImage[] {
  const found = new Map<string, CrashImage>();
  for (const crash of all) found.set(digestOf(crash.image), crash);
  return [...found.values()];
}

function* rulesFor(units: readonly Unit[], dice: Random): Generator<[Rule, Survivors]> {
  yield ["nothing", survivorsOf(() => 0)];
  if (units.length === 0) return;
  yield ["everything", survivorsOf(({ steps }) => steps)];
  for (const one of shuffled(units, dice).slice(0, MAX_SINGLES)) {
    const isIt = (unit: Unit): boolean => unit === one || unit === one.companion;
    yield ["one alone", survivorsOf((unit) => (isIt(unit) ? unit.steps : 0))];
    yield ["all but one", survivorsOf((unit) => (unit === one ? 0 : unit.steps))];
  }
  for (let n = 0; n < SUBSETS; n += 1) {
    yield ["any of them", survivorsOf(anyOf(units, dice))];
    yield ["torn", tornSurvivorsOf(anyOf(units, dice), dice)];
  }
}

/** Of half of the units nothing, of the others any number of their changes. */
function anyOf(units: readonly Unit[], dice: Random): Steps {
  const chosen = new Map(
    units.map((unit) => [unit, dice.chance(0.5) ? 0 : dice.between(1, unit.steps)]),
  );
  return (unit) => chosen.get(unit) ?? 0;
}
