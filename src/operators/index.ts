export { bufferTimeOrCount } from "./bufferTimeOrCount.ts";
export type { BufferTimeOrCountConfig } from "./bufferTimeOrCount.ts";
export { capture } from "./capture.ts";
export { record } from "./record.ts";
