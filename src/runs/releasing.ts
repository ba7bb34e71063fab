/**
 * Takes a step with something, and lets go of it after that, however the step ends.
 *
 * @throws what the step throws; where it does not, what letting go throws.
 */
export async function releasing<Result>(
  release: () => Promise<unknown>,
  step: () => Promise<Result>,
): Promise<Result> {
  const result = await releasingOnFailure(release, step);
  await release();
  return result;
}

/**
 * Takes a step with something, and lets go of it where the step fails.
 *
 * @throws what the step throws.
 */
export async function releasingOnFailure<Result>(
  release: () => Promise<unknown>,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (failure) {
    try {
      await release();
    } catch {
      // What counts is why the step failed, not that letting go fails too.
    }
    throw failure;
  }
}
