import type { Backend, RunLog } from "../../../src/backends/Backend.ts";
import type { Lease, RunCatalog } from "../../../src/backends/RunCatalog.ts";
import type { Fault } from "../../../src/testing/Fault.ts";
import { faultyBackend } from "../../../src/testing/faultyBackend.ts";

/** What comes between a catalog and who uses it. */
export interface Wrapping {
  readonly lease?: (lease: Lease) => Lease;
  readonly create?: (backend: Backend) => Backend;
  readonly recover?: (backend: Backend) => Backend;
  readonly read?: (log: RunLog) => RunLog;
}

/** A catalog whose backends and logs are something else than they were. */
export function wrappedCatalog(catalog: RunCatalog, wrapping: Wrapping): RunCatalog {
  const { lease: wrapLease, create, recover, read } = wrapping;
  return {
    acquire: async (instanceId) => {
      const lease = await catalog.acquire(instanceId);
      const wrapped: Lease = {
        instanceId: lease.instanceId,
        create: async (manifest) => {
          const backend = await lease.create(manifest);
          return create?.(backend) ?? backend;
        },
        recover: async (runId) => {
          const backend = await lease.recover(runId);
          return recover?.(backend) ?? backend;
        },
        remove: (runId) => lease.remove(runId),
        release: () => lease.release(),
      };
      return wrapLease?.(wrapped) ?? wrapped;
    },
    list: (instanceId) => catalog.list(instanceId),
    read: async (instanceId, runId, options) => {
      const log = await catalog.read(instanceId, runId, options);
      return read?.(log) ?? log;
    },
  };
}

/** A catalog whose new runs fail on demand. */
export function faultyCatalog(
  catalog: RunCatalog,
  faults: readonly Fault[],
  commitMs: number = 0,
): RunCatalog {
  return wrappedCatalog(catalog, {
    create: (backend) => faultyBackend(backend, { faults, commitMs }),
  });
}

/** A backend or a log with some of its methods replaced. */
export function overridden<Log extends RunLog>(log: Log, methods: Partial<Log>): Log {
  return new Proxy(log, {
    get(target, name) {
      if (name in methods) return methods[name as keyof Log];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
