import { PROMPT, type Script, type Step } from "./Script.ts";

/** How often a script is played at most to make it smaller. */
const MAX_PLAYS = 2_000;

/**
 * The smallest script that can be had by leaving things out, as long as `fails` says that it still
 * shows what it showed.
 */
export async function shrink(
  script: Script,
  fails: (script: Script) => Promise<boolean>,
): Promise<Script> {
  let smallest = script;
  let plays = 0;
  for (let isSmaller = true; isSmaller && plays < MAX_PLAYS;) {
    isSmaller = false;
    for (const candidate of smallerThan(smallest)) {
      plays += 1;
      if (plays > MAX_PLAYS) break;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

/** Everything that is the script with something less, the larger cuts first. */
function* smallerThan(script: Script): Generator<Script> {
  for (const steps of shorterThan(script.steps)) yield { ...script, steps };
  for (const plans of shorterThan(script.plans)) yield { ...script, plans };
  const { seal, close } = script.ends;
  if (seal !== PROMPT || close !== PROMPT) {
    yield { ...script, ends: { seal: PROMPT, close: PROMPT } };
  }
  for (const [index, step] of script.steps.entries()) {
    for (const smaller of smallerSteps(step)) {
      yield { ...script, steps: script.steps.with(index, smaller) };
    }
  }
  for (const option of Object.keys(script.writer)) {
    // The default is more than a small queue may hold.
    if (option === "maxPayloadBytes") continue;
    const { [option as keyof Script["writer"]]: _, ...writer } = script.writer;
    yield { ...script, writer };
  }
}

/** A list without any of its parts: halves first, single items last. */
function* shorterThan<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let length = items.length; length >= 1; length = Math.floor(length / 2)) {
    for (let from = 0; from < items.length; from += length) {
      yield items.toSpliced(from, length);
    }
  }
}

function* smallerSteps(step: Step): Generator<Step> {
  if ("count" in step && step.count > 1) {
    yield { ...step, count: Math.floor(step.count / 2) };
    yield { ...step, count: step.count - 1 };
  }
  if ("acts" in step && step.acts.length > 1) {
    for (const acts of shorterThan(step.acts)) yield { ...step, acts };
  }
}
