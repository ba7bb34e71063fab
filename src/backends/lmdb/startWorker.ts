import { Worker } from "node:worker_threads";
import type { WriterThreadData } from "./protocol.ts";

/** Our own tests and benchmarks run the source; whoever installed tidemark runs what it compiles to. */
const IS_SOURCE = import.meta.url.endsWith(".ts");

/**
 * Starts the writer thread of a run.
 *
 * From source it starts through a line of JavaScript that brings tsx along, since on Node 20 the
 * entry of a thread is not passed through the loader that its parent was started with.
 */
export function startWorker(data: WriterThreadData): Worker {
  // The parent's own flags may be none for a thread (`--input-type`), and it needs none of them.
  const options = { workerData: data, name: "tidemark writer", execArgv: [] };
  if (!IS_SOURCE) return new Worker(new URL("./writerWorker.js", import.meta.url), options);
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const entry = JSON.stringify(new URL("./writerWorker.ts", import.meta.url).href);
  const bootstrap = `import(${loader}).then(({ register }) => { register(); return import(${entry}); });`;
  return new Worker(bootstrap, { ...options, eval: true });
}
