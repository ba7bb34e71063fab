import { join } from "node:path";
import { literalPipeline } from "../pipelines.ts";
import type { Adapter } from "./Adapter.ts";

/** The pipeline as one would write it down. */
export const literal: Adapter = {
  openPipeline: ({ directory }) => literalPipeline(join(directory, "lmdb")),
};
