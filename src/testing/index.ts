export { memoryRun, type MemoryRunOptions } from "./memoryRun.ts";
