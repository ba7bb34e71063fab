import type { Pipeline } from "./pipelines.ts";

/** Does something with a pipeline and closes it; what comes of it is what the step gave. */
export async function withPipeline<Opened extends Pick<Pipeline, "close">, Result>(
  opening: Opened | Promise<Opened>,
  step: (pipeline: Opened) => Promise<Result>,
): Promise<Result> {
  const pipeline = await opening;
  const result = await step(pipeline);
  await pipeline.close();
  return result;
}
