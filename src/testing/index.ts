// Whole runs in virtual time
export { memoryRun, type MemoryRunOptions } from "./memoryRun.ts";
export type { Fault, FaultKind, Hang, Stall } from "./Fault.ts";
export { marbles, type MarbleHelpers } from "./marbles.ts";

// For those who write their own operators and backends
export { operatorLaws, type OperatorLawsConfig } from "./operatorLaws.ts";
export { backendContract, type BackendContractConfig } from "./backendContract.ts";
export { faultyBackend, type FaultyBackendConfig } from "./faultyBackend.ts";
