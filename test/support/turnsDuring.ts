/** The turns of the event loop that a step lets others have. */
export async function turnsDuring(step: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await step();
  isOver = true;
  return turns;
}
