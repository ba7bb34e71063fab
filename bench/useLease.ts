/** What holds an instance's lease: a socket on Linux, a lock file elsewhere. */
export type LeaseKind = "socket" | "file";

/** Makes this process hold its leases like that, on Linux. What runs on other systems is told to. */
export function useLease(kind: LeaseKind): void {
  // It is asked for when a lease is taken, by nothing else here.
  if (kind === "file") Object.defineProperty(process, "platform", { value: "openbsd" });
}
