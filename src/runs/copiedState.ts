import { types } from "node:util";
import { InvalidConfigError } from "../model/errors.ts";

const CLONEABLE = "what structuredClone copies, or a function that makes it";

/**
 * A copy of a state, which nobody else has.
 *
 * @throws {@link InvalidConfigError} for `initial` where the copy would be another thing: one that
 * holds functions, or instances of classes at any depth.
 */
export function copiedState<State>(initial: State): State {
  let copy: State;
  try {
    copy = structuredClone(initial);
  } catch (cause) {
    throw new InvalidConfigError("initial", CLONEABLE, initial, { cause });
  }
  if (!isLike(copy, initial)) throw new InvalidConfigError("initial", CLONEABLE, initial);
  return copy;
}

type Pair = readonly [copy: unknown, original: unknown];

/** Whether everything in a copy is of the class that it was. */
function isLike(copy: unknown, original: unknown): boolean {
  const seen = new WeakSet<object>();
  const pairs: Pair[] = [[copy, original]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [copied, from] = pair;
    if (!isObject(copied) || !isObject(from) || seen.has(from)) continue;
    seen.add(from);
    if (classNameOf(copied) !== classNameOf(from)) return false;
    for (const inner of pairsIn(copied, from)) pairs.push(inner);
  }
  return true;
}

/** What a copy and what it was made of hold, side by side: a copy keeps the order. */
function* pairsIn(copy: object, original: object): Generator<Pair, void, undefined> {
  if (types.isMap(copy) && types.isMap(original)) {
    yield* sideBySide(copy.keys(), original.keys());
    yield* sideBySide(copy.values(), original.values());
  } else if (types.isSet(copy) && types.isSet(original)) {
    yield* sideBySide(copy.values(), original.values());
  } else if (Array.isArray(copy) || classNameOf(copy) === "Object") {
    for (const key of Object.keys(copy)) yield [Reflect.get(copy, key), Reflect.get(original, key)];
  }
}

function* sideBySide(
  copies: Iterator<unknown>,
  originals: Iterable<unknown>,
): Generator<Pair, void, undefined> {
  for (const original of originals) yield [copies.next().value, original];
}

/** By name: in another realm, as each test of Jest is one, the same class is another object. */
function classNameOf(value: object): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isObject(prototype)) return undefined;
  const { constructor }: { readonly constructor?: unknown } = prototype;
  return typeof constructor === "function" ? constructor.name : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
