import type { Backend, RunLog } from "../../src/backends/Backend.ts";
import type { Lease, RunCatalog } from "../../src/backends/RunCatalog.ts";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";

/** What is put over a catalog that works, at each level. */
export interface Sabotage {
  readonly catalog?: (catalog: RunCatalog) => Partial<RunCatalog>;
  readonly lease?: (lease: Lease) => Partial<Lease>;
  readonly backend?: (backend: Backend) => Partial<Backend>;
  readonly log?: (log: RunLog) => Partial<RunLog>;
}

/** The memory catalog with something broken in it. */
export function sabotaged(sabotage: Sabotage): RunCatalog {
  const asLog = <Log extends RunLog>(log: Log): Log =>
    overlaid(log, (sabotage.log?.(log) ?? {}) as Partial<Log>);
  const asBackend = (backend: Backend): Backend =>
    overlaid(asLog(backend), sabotage.backend?.(backend) ?? {});
  const asLease = (lease: Lease): Lease => {
    const writing: Lease = overlaid(lease, {
      create: async (manifest) => asBackend(await lease.create(manifest)),
      recover: async (runId) => asBackend(await lease.recover(runId)),
    });
    return overlaid(writing, sabotage.lease?.(writing) ?? {});
  };
  const catalog = memoryCatalog();
  const wrapped = overlaid(catalog, {
    acquire: async (instanceId) => asLease(await catalog.acquire(instanceId)),
    read: async (...address) => asLog(await catalog.read(...address)),
  });
  return overlaid(wrapped, sabotage.catalog?.(wrapped) ?? {});
}

/** An object with some of its members replaced. */
function overlaid<T extends object>(target: T, overrides: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (Object.hasOwn(overrides, name)) return overrides[name as keyof T];
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
